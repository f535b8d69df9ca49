import Foundation
import Gibbs
import Synchronization

/// The models of a folder: each file that ends in .gibbs or .safetensors, by its name without the ending.
///
/// A file that changes is read beside the model that is there, and takes its place at once when it is whole; requests that hold the old one end with it.
/// A file that cannot be read is told of, and the model that was there stays.
package final class ModelShelf: Sendable {
    /// A file's identity: another one, or one that was written to, has another.
    private struct Stamp: Hashable { var device: UInt64, inode: UInt64, size: Int, seconds: Int, nanoseconds: Int, isLink: Bool }

    private struct State {
        var entries: [String: ModelEntry] = [:], stamps: [String: Stamp] = [:], problems: [String: String] = [:]
        /// Whether the folder has been looked through once.
        var isReady = false
    }

    /// What a look at the folder found.
    package struct Changes: Sendable {
        package var new: [ModelEntry] = [], gone: [String] = [], problems: [(name: String, why: String)] = []
        package var isEmpty: Bool { new.isEmpty && gone.isEmpty && problems.isEmpty }
    }

    package let folder: String
    private let state = Mutex(State())
    private let reading = Mutex(())
    /// Models at most.
    package static let limit = 1_000

    package init(folder: String) { self.folder = folder }

    /// Whether the folder has been looked through.
    package var isReady: Bool { state.withLock { $0.isReady } }
    /// All models, by name.
    package var all: [ModelEntry] { state.withLock { $0.entries.values.sorted { $0.name < $1.name } } }
    /// Files that could not be read, by name, and why.
    package var problems: [(name: String, why: String)] { state.withLock { $0.problems.map { ($0.key, $0.value) } }.sorted { $0.0 < $1.0 } }

    /// The model of a name.
    ///
    /// - Throws: `Refusal` where there is none.
    package func model(_ name: String) throws -> ModelEntry {
        guard let found = state.withLock({ $0.entries[name] }) else {
            throw Refusal.missing("model", name, advice: Spelling.question(name, among: all.map(\.name)) ?? "GET /models lists the names there are")
        }
        return found
    }

    /// Whether the file of a model is still the one that was read.
    package func isUnchanged(_ entry: ModelEntry) -> Bool {
        guard let known = state.withLock({ $0.stamps[entry.name] }) else { return false }
        return found().contains { $0.name == entry.name && $0.stamp == known }
    }

    /// Looks through the folder: reads what is new or has changed, and drops what is gone.
    @discardableResult
    package func scan() -> Changes {
        reading.withLock { _ in
            let files = found(), known = state.withLock { $0.stamps }
            var changes = Changes(), next = [String: (entry: ModelEntry?, stamp: Stamp, problem: String?)]()
            for (name, file, stamp) in files where known[name] != stamp {
                if stamp.isLink {
                    next[name] = (nil, stamp, "is a link, which is not followed; put the file itself there")
                    continue
                }
                do { next[name] = (try ModelEntry(name: name, path: folder + "/" + file), stamp, nil) } catch {
                    next[name] = (nil, stamp, Failure.words(error))
                }
            }
            let gone = Set(known.keys).subtracting(files.map(\.name))
            state.withLock { state in
                for (name, read) in next {
                    state.stamps[name] = read.stamp
                    state.problems[name] = read.problem
                    if let entry = read.entry { state.entries[name] = entry; changes.new.append(entry) }
                    if let problem = read.problem { changes.problems.append((name, problem)) }
                }
                for name in gone {
                    state.stamps[name] = nil
                    state.problems[name] = nil
                    if state.entries.removeValue(forKey: name) != nil { changes.gone.append(name) }
                }
                state.isReady = true
            }
            return changes
        }
    }

    private func found() -> [(name: String, file: String, stamp: Stamp)] {
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
        var names = Set<String>()
        return files.compactMap { file -> (String, String, Stamp)? in
            guard let ending = [".gibbs", ".safetensors"].first(where: { file.hasSuffix($0) }) else { return nil }
            var status = stat()
            let name = String(file.dropLast(ending.count))
            guard !name.isEmpty, name.utf8.count <= 200, lstat(folder + "/" + file, &status) == 0, [S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT), names.count < Self.limit, names.insert(name).inserted else { return nil }
            return (name, file, Stamp(device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
                                      // One may lead out of the folder: whoever can make it there can also copy the file.
                                      isLink: status.st_mode & S_IFMT == S_IFLNK))
        }
    }
}
