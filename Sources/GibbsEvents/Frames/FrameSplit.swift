import GibbsNumerics

extension FrameSequences {
    /// Rows to learn from and rows held out: whole pieces where there are ten or more, else the end of every piece.
    func split(holdingOut share: Double, key: Key) -> (learn: [Int], held: [Int]) {
        if pieces.count >= 10 {
            let held = Set(key.permutation(pieces.count).prefix(max(1, Int(share * Double(pieces.count)))))
            func rows(_ isHeld: Bool) -> [Int] { pieces.indices.filter { held.contains($0) == isHeld }.flatMap { pieces[$0].frames } }
            return (rows(false), rows(true))
        }
        func cut(_ piece: Piece) -> Int { piece.frames.upperBound - Int(share * Double(piece.frames.count)) }
        return (pieces.flatMap { $0.frames.lowerBound ..< cut($0) }, pieces.flatMap { cut($0) ..< $0.frames.upperBound })
    }

    /// Held-out rows in two halves: every second piece where there are several, else by time.
    func halves(_ rows: [Int]) -> (choosing: [Int], calibrating: [Int]) {
        let held = Set(rows), parts = pieces.map { $0.frames.filter(held.contains) }.filter { !$0.isEmpty }
        if parts.count >= 4 {
            func every(_ rest: Int) -> [Int] { parts.indices.filter { $0 % 2 == rest }.flatMap { parts[$0] } }
            return (every(0), every(1))
        }
        return (parts.flatMap { $0.prefix(max(1, $0.count / 2)) }, parts.flatMap { $0.dropFirst($0.count / 2) })
    }
}
