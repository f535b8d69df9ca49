import Foundation
import GibbsDeep
import GibbsNumerics
import GibbsTestSupport
import Testing

/// With libtorch and without it.
@Suite struct EngineTests {
    @Test(.enabled(if: !isDeep, "built with the trait Deep")) func absence() {
        #expect(Engine.threads == 0 && !Device.processor.isAvailable)
        func says(_ body: () throws -> Void) -> String {
            do { try body(); return "nothing" } catch { return "\(error)" }
        }
        let wanted = "this program was built without deep energies; run scripts/setup --deep, then scripts/deep build"
        #expect(says { _ = try Tensor([1 as Float], shape: [1]) } == wanted)
        #expect(says { _ = try Network([.linear(1)], input: [2], key: Key(1)) } == wanted)
        #expect(says { _ = try DeepEnergy(archive: Archive()) } == wanted)
        #expect(says { _ = try WrittenEnergy(input: [1]) { $0 }.energies(of: Matrix([[1]])) } == wanted)
    }

    @Test(.enabled(if: isDeep, whyNot)) func presence() throws {
        #expect(Engine.version!.split(separator: ".").count >= 3 && Device.processor.isAvailable && Engine.threads > 0)
        for device in Device.allCases where !device.isAvailable {
            #expect(checkRefusal([.usage], "a device that is not there") { _ = try Tensor([1 as Float], shape: [1]).moved(to: device) } == [])
        }
    }

    /// libtorch and OpenBLAS both have a function sgemm_, and the first one linked serves both.
    @Test(.enabled(if: isDeep, whyNot)) func productsAreLibtorchsOwn() throws {
        #if os(Linux)
        let library = try #require(dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD), "it is loaded by another name")
        guard let own = dlsym(library, "sgemm_") else { return }
        #expect(dlsym(nil, "sgemm_") == own)
        #endif
    }

    /// More than any machine has; the numbers are never touched.
    @Test(.enabled(if: isDeep, whyNot)) func memoryRunsOut() {
        #expect(checkRefusal([.limitExceeded], "a petabyte") { _ = try Tensor(repeating: 1, shape: [1 << 24, 1 << 24]) } == [])
    }
}
