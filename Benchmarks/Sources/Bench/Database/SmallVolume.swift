import Foundation
import Glibc

/// A file system of 160 MiB in a file, mounted through a loop device.
struct SmallVolume: Sendable {
    private static let megabytes = 160

    private let folder: String

    /// Nil where file systems can be mounted; else why not.
    static func obstacle() async -> String? {
        guard geteuid() == 0 else { return "mounting a file system needs root" }
        let place = FileManager.default.temporaryDirectory.appending(
            path: "sluice-mount-\(UInt32.random(in: .min ... .max))"
        ).path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: place) }
        do {
            try FileManager.default.createDirectory(atPath: "\(place)/disk", withIntermediateDirectories: true)
            try await mount(image: "\(place)/image", at: "\(place)/disk").unmount()
            return nil
        } catch {
            return "no loop file system can be mounted here"
        }
    }

    static func mount(image: String, at folder: String) async throws -> SmallVolume {
        try await Program(path: "/usr/bin/truncate", arguments: ["-s", "\(megabytes)M", image]).run()
        try await Program(path: "/sbin/mkfs.ext4", arguments: ["-q", "-m", "0", image]).run()
        try await Program(path: "/bin/mount", arguments: ["-o", "loop", image, folder]).run()
        return SmallVolume(folder: folder)
    }

    private var ballast: String { "\(folder)/ballast" }

    /// Leaves no byte free.
    func fill() async throws {
        let free = try FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? Int ?? 0
        _ = try? await Program(path: "/usr/bin/fallocate", arguments: ["-l", "\(free)", ballast]).run()
        // What was not worth a whole extent, and what was freed meanwhile. It ends with the disk being full.
        _ = try? await Program(
            path: "/bin/dd",
            arguments: ["if=/dev/zero", "of=\(ballast)", "bs=64K", "oflag=append", "conv=notrunc"]
        ).run()
    }

    func free() throws {
        try FileManager.default.removeItem(atPath: ballast)
    }

    /// Lazily, so that it goes however a process that used it ended.
    func unmount() {
        _ = try? Program(path: "/bin/umount", arguments: ["-l", folder]).runBlocking()
    }
}
