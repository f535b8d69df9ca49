extension Optional {
    /// The value; `#require` cannot take one from a call that changes its receiver.
    func found() throws -> Wrapped {
        guard let self else { throw Absent() }
        return self
    }
}

private struct Absent: Error {}
