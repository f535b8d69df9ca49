/// A vocabulary of pieces of words, and the longest of them first.
///
/// Words are compared byte by byte: to Swift's strings some different spellings are equal.
///
/// - Source: Wu et al., *Google's Neural Machine Translation System*, 2016, section 4.1; Devlin et al. 2019.
struct WordPieces: Sendable {
    /// The pieces by id.
    let pieces: [String]
    /// The id of a word that cannot be put together.
    let unknown: Int32
    /// Words of more letters are unknown.
    let longestWord: Int
    private let first: [ArraySlice<UInt8>: Int32]
    private let following: [ArraySlice<UInt8>: Int32]
    private let longestPiece: Int

    /// A vocabulary; pieces inside a word begin with `prefix`. Traps on an unknown id outside it.
    init(_ pieces: [String], unknown: Int32, prefix: String, longestWord: Int) {
        precondition(pieces.indices.contains(Int(unknown)), "the unknown piece \(unknown) of \(pieces.count)")
        (self.pieces, self.unknown, self.longestWord) = (pieces, unknown, longestWord)
        var first = [ArraySlice<UInt8>: Int32](minimumCapacity: pieces.count), following = first
        let mark = Array(prefix.utf8)
        for (id, piece) in pieces.enumerated() {
            let bytes = Array(piece.utf8)
            first[bytes[...]] = Int32(id)
            if bytes.starts(with: mark) { following[Array(bytes.dropFirst(mark.count))[...]] = Int32(id) }
        }
        (self.first, self.following) = (first, following)
        longestPiece = pieces.reduce(0) { max($0, $1.utf8.count) }
    }

    /// Appends the ids of a word's pieces, the longest first from the left; the unknown id where no pieces make up the word.
    func append(_ word: [UInt8], to ids: inout [Int32]) {
        let letters = word.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }, start = ids.count
        if letters > longestWord { return ids.append(unknown) }
        var from = 0
        while from < word.count {
            let table = from == 0 ? first : following
            var to = min(word.count, from + longestPiece)
            while to > from, table[word[from ..< to]] == nil { to -= 1 }
            if to == from {
                ids.removeSubrange(start...)
                return ids.append(unknown)
            }
            ids.append(table[word[from ..< to]]!)
            from = to
        }
    }
}
