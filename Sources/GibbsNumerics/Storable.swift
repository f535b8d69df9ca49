/// A model that writes itself into an archive and reads itself back with the same behaviour.
public protocol Storable: Sendable {
    /// The name under which the model is filed; never changes once released.
    static var kind: String { get }

    /// Reads a model.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` when an entry is missing, of another size, or not finite.
    init(archive: Archive) throws

    /// Tensors and metadata from which `init(archive:)` makes an equal model.
    func archive() -> Archive
}
