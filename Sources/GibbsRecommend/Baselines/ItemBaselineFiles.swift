import GibbsNumerics

extension Popularity: Storable {
    public static let kind = "popularity"

    public init(archive: Archive) throws { self.init(energies: try archive.vector("energies")) }

    public func archive() -> Archive { Archive(tensors: ["energies": .init(energies)]) }
}

extension ItemNeighbours: Storable {
    public static let kind = "item-neighbours"

    public init(archive: Archive) throws {
        guard let count = archive.tensors["neighbours.counts"]?.values.count, count > 0 else {
            throw GibbsError(.unsuitableModel, "the tensor 'neighbours.counts' is missing", advice: "the file is damaged or of another kind")
        }
        self.init(neighbours: try SparseRows(archive, under: "neighbours", rows: count, columns: count))
    }

    public func archive() -> Archive { Archive(tensors: neighbours.archived(under: "neighbours")) }
}
