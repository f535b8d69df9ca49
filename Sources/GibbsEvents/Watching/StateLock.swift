import Foundation
import GibbsNumerics

/// Keeps a state to one watch: the second one on the same state would replace what the first has seen.
///
/// A file beside the state, locked while the watch runs and gone with it; a lock dies with its process, whatever ends that.
final class StateLock {
    private let path: String, descriptor: Int32

    /// Takes the lock of a state's file, which need not be there; a device needs none.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite` where another watch has it.
    init(of state: String) throws {
        var status = stat()
        if stat(state, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            (path, descriptor) = ("", -1)
            return
        }
        let resolved = realpath(state, nil)
        defer { free(resolved) }
        path = (resolved.map { String(cString: $0) } ?? state) + ".lock"
        descriptor = try Self.locked(path, of: state)
    }

    deinit {
        guard descriptor >= 0 else { return }
        unlink(path)
        close(descriptor)
    }

    private static func locked(_ path: String, of state: String) throws -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw GibbsError(.cannotWrite, "cannot be locked (\(String(cString: strerror(errno))))", at: .init(file: state), advice: "check the permissions of its directory")
            }
            // A file system without locks keeps nobody away.
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                close(descriptor)
                throw GibbsError(.cannotWrite, "is the state of another watch that is running", at: .init(file: state), advice: "name another with --state, or end that watch first")
            }
            // Whoever had it may have ended in between and taken the file away.
            var own = stat(), named = stat()
            if fstat(descriptor, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev { return descriptor }
            close(descriptor)
        }
    }
}
