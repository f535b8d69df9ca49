import NIOCore
import NIOHTTPTypes

/// Holds bodies to their limits where they come in, whether anybody reads them or not: those of requests that were refused, or that should have none, too.
///
/// A body that has not come whole `patience` after its request's head ends with its connection, however often a byte of it comes. One that goes on beyond its
/// limit ends with it as well, by when its request has been answered: what waits between here and whoever reads is a few reads of the socket, less than `slack`.
final class BodyGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    /// Bytes beyond the limit within which the answer to whoever sent too much goes out.
    private static let slack = 2 << 20
    private let patience: TimeAmount, limit: Int
    private var isInBody = false, received = 0
    private var end: Scheduled<Void>?

    init(_ limits: ServiceOptions.Limits) { (patience, limit) = (.milliseconds(Int64(limits.patience * 1_000)), limits.body + Self.slack) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: (isInBody, received) = (true, 0)
        case .body(let part):
            received += part.readableBytes
            if received > limit { return cut(context) }
        case .end:
            isInBody = false
            stop()
        }
        context.fireChannelRead(data)
    }

    /// A body that came with its head, as most do, needs no clock.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isInBody, end == nil {
            end = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.cut(context) }
        }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    /// Ends the connection, and tells whoever reads that the body is not whole: one that merely ends would be taken for what it was to be.
    private func cut(_ context: ChannelHandlerContext) {
        context.fireErrorCaught(ChannelError.inputClosed)
        context.close(promise: nil)
    }

    private func stop() {
        end?.cancel()
        end = nil
    }
}
