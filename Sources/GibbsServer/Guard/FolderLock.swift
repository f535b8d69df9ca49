import Foundation
import GibbsNumerics

/// Keeps a folder to one service: two would write over each other's journals. A lock dies with its process, whatever ends that.
package final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `GibbsError` with code `.cannotWrite` where another service has it, or the folder cannot be made.
    package init(_ folder: String) throws {
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]) } catch {
            throw GibbsError(.cannotWrite, "no folder can be made there", at: .init(file: folder), advice: "name one that can be written with --data")
        }
        descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw GibbsError(.cannotWrite, "cannot be written (\(String(cString: strerror(errno))))", at: .init(file: folder), advice: "check its permissions and the room on its disk")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let why = errno
            close(descriptor)
            if why == EWOULDBLOCK { throw GibbsError(.cannotWrite, "belongs to another service that is running", at: .init(file: folder), advice: "name another folder with --data, or end that service first") }
            throw GibbsError(.cannotWrite, "cannot be locked (\(String(cString: strerror(why))))", at: .init(file: folder), advice: "name a folder on a disk of this machine with --data")
        }
    }

    deinit { close(descriptor) }
}
