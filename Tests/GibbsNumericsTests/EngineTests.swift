import CBLAS
import Foundation
import GibbsNumerics
import Testing

@Suite struct EngineTests {
    /// A processor with AVX2 must not be served by kernels of 2004: OpenBLAS takes models newer than itself for one.
    @Test(.enabled(if: EngineTests.hasAVX2, "needs /proc/cpuinfo and AVX2")) func blasUsesTheProcessor() {
        #expect(!["Prescott", "Core2", "Penryn", "Dunnington", "Nehalem"].contains(String(cString: openblas_get_corename())))
    }

    static let hasAVX2 = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil
        && ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains(" avx2 ") ?? false)
}
