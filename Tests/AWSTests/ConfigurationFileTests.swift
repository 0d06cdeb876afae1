import Testing

@testable import AWS

@Suite("Configuration files")
struct ConfigurationFileTests {
    @Test("Sections, comments, spaces, nested settings")
    func ini() {
        let document = INIDocument(
            parsing: """
                stray = 1
                # comment
                [default]
                aws_access_key_id=AKID
                AWS_Secret_Access_Key = a=b:c
                ; comment
                s3 =
                  max_concurrent_requests = 20
                  role_arn = nested
                empty =
                no separator
                [profile  "my mail"]\t
                region: eu-central-1
                region = eu-west-1\r
                [broken
                lost = 1
                [default]
                region = us-east-1
                """
        )
        #expect(Set(document.sections.keys) == ["default", "profile my mail"])
        #expect(
            document.sections["default"]
                == [
                    "aws_access_key_id": "AKID", "aws_secret_access_key": "a=b:c", "s3": "", "empty": "",
                    "region": "us-east-1",
                ]
        )
        #expect(document.sections["profile my mail"] == ["region": "eu-west-1"])
    }

    @Test("A profile is its config section with the credentials section on top")
    func merge() throws {
        let home = try CredentialHome()
        try home.write(
            ".aws/config",
            "[profile a]\nregion = r1\nrole_arn = x\n[b]\nregion = r2\n[default]\nregion = r0"
        )
        try home.write(".aws/credentials", "[a]\nrole_arn = y\n[c]\naws_access_key_id = AKID")
        let configuration = try SharedConfiguration(.init(environment: [:], homeFolder: home.path))
        let profile = try #require(configuration.profile("a"))
        #expect(profile["region"] == "r1")
        #expect(profile["role_arn"] == "y")
        #expect(configuration.profile("b") == nil, "a section of the config file needs the word profile")
        #expect(configuration.profile("default")?["region"] == "r0")
        #expect(configuration.profile("c")?["aws_access_key_id"] == "AKID")
        #expect(configuration.profile("d") == nil)
    }

    @Test("The environment moves the files; ~ is the home folder")
    func elsewhere() throws {
        let home = try CredentialHome()
        try home.write("keys", "[default]\naws_access_key_id = MOVED")
        let moved = try SharedConfiguration(
            .init(environment: ["AWS_SHARED_CREDENTIALS_FILE": "~/keys"], homeFolder: home.path)
        )
        #expect(moved.profile("default")?["aws_access_key_id"] == "MOVED")
        #expect(moved.places.contains(home.path + "/keys"))
        let homeless = try SharedConfiguration(.init(environment: [:], homeFolder: nil))
        #expect(homeless.profile("default") == nil)
    }

    @Test("A file that is no text is an error that names it")
    func unreadable() throws {
        let home = try CredentialHome()
        try FoundationBytes.write([0xff, 0xfe, 0x00], to: home.path + "/.aws/config")
        let error = #expect(throws: AWSError.self) {
            try SharedConfiguration(.init(environment: [:], homeFolder: home.path))
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(".aws/config") == true)
    }
}
