import CommandDriver
import GibbsData
import GibbsNumerics
import Testing

extension Workplace {
    /// The picture that a PNG holds, once it has been read from its first byte to its last.
    func picture(_ name: String) throws -> Picture { try Picture(contentsOf: place(name)) }

    /// The array that a .npy holds.
    func array(_ name: String) throws -> Matrix { try NPY.matrix(place(name)) }

    /// Runs `gibbs`, demands success, and gives what it said.
    func expectWorks(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) throws -> Outcome {
        let outcome = try gibbs(arguments)
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)", sourceLocation: sourceLocation)
        return outcome
    }
}

/// The pixels of a sheet of 8 × 8 images, two wide white lines apart.
func sheetSide(_ images: Int, scale: Int) -> Int { images * SmallImages.side * scale + 2 * (images - 1) }
