import FoundationEssentials
public import Signing

/// The certificates that the operator trusts beside Amazon's, such as a simulator's.
public enum TrustedCertificates {
    /// The certificates in PEM files.
    ///
    /// - Throws: ``FeedbackError`` that names the file.
    public static func load(_ files: [String]) throws(FeedbackError) -> [X509Certificate] {
        var certificates: [X509Certificate] = []
        for file in files {
            guard let data = try? Data(contentsOf: URL(filePath: file)) else {
                throw FeedbackError("the trusted certificate \(file) cannot be read")
            }
            guard let found = X509Certificate.parse(pem: Array(data)) else {
                throw FeedbackError("\(file) is not a certificate in PEM")
            }
            certificates += found
        }
        return certificates
    }
}
