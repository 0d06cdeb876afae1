/// File types that SES refuses as attachments ("unsupported attachment types" in the SES guide).
enum BlockedExtensions {
    private static let names: Set<String> = [
        "ade", "adp", "app", "asp", "bas", "bat", "cer", "chm", "cmd", "com", "cpl", "crt", "csh", "der", "exe", "fxp",
        "gadget", "hlp", "hta", "inf", "ins", "isp", "its", "js", "jse", "ksh", "lib", "lnk", "mad", "maf", "mag",
        "mam",
        "maq", "mar", "mas", "mat", "mau", "mav", "maw", "mda", "mdb", "mde", "mdt", "mdw", "mdz", "msc", "msi", "msp",
        "mst", "ops", "pcd", "pif", "plg", "prf", "prg", "psc1", "psc2", "reg", "scf", "scr", "sct", "shb", "shs",
        "sys",
        "tmp", "url", "vb", "vbe", "vbs", "vps", "vsmacros", "vss", "vst", "vsw", "vxd", "ws", "wsc", "wsf", "wsh",
        "xnk",
    ]

    /// `msh1xml`, `ps1xml` and their kin.
    private static let prefixes = ["msh", "ps1", "ps2"]

    /// The blocked extension of a file name, in lower case; nil when there is none. Dots and spaces at the end do not
    /// count, because Windows drops them.
    static func match(_ filename: some StringProtocol) -> String? {
        var bytes = Array(filename.utf8)
        while let last = bytes.last, last == UInt8(ascii: ".") || last == ASCII.space { bytes.removeLast() }
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let suffix = String(decoding: bytes[(dot + 1)...], as: UTF8.self).lowercased()
        return names.contains(suffix) || prefixes.contains(where: suffix.hasPrefix) ? suffix : nil
    }
}
