import GibbsNumerics

extension Storable {
    /// Writes the model as one safetensors file of its kind, by way of a temporary file beside it; `-` is standard output.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`; then an older file stays as it was.
    public func write(to path: String) throws { try ModelFile.write(archive(), to: path, kind: Self.kind) }

    /// Reads a model from a file of its kind.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, or `.unsuitableModel` for what is no intact model of this kind, naming the file.
    public init(contentsOf path: String) throws {
        let archive = try ModelFile.read(path, kind: Self.kind)
        do { try self.init(archive: archive) } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
    }
}
