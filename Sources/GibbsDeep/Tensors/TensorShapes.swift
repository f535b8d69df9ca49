import CTorch

// Sums, products, and elements moved about. Axes count from 0, or from the end with −1.

extension Tensor {
    /// The sum over these axes, which go; over all of them unless told.
    public func sum(over axes: [Int] = []) throws -> Tensor { try Engine.apply(CT_SUM, [self], integers: axes, name: "sum") }
    /// The mean over these axes, which go; over all of them unless told.
    public func mean(over axes: [Int] = []) throws -> Tensor { try Engine.apply(CT_MEAN, [self], integers: axes, name: "mean") }
    /// ln Σ eˣ over these axes, which go; over all of them unless told.
    public func logSumExp(over axes: [Int] = []) throws -> Tensor {
        try Engine.apply(CT_LOG_SUM_EXP, [self], integers: axes, name: "logSumExp")
    }
    /// The sum of all but the first axis: a number a row.
    public func rowSums() throws -> Tensor { shape.count < 2 ? self : try sum(over: Array(1 ..< shape.count)) }

    /// exp(x − logSumExp(x)) along an axis.
    public func softmax(along axis: Int) throws -> Tensor { try Engine.apply(CT_SOFTMAX, [self], integers: [axis], name: "softmax") }
    /// x − logSumExp(x) along an axis.
    public func logSoftmax(along axis: Int) throws -> Tensor { try Engine.apply(CT_LOG_SOFTMAX, [self], integers: [axis], name: "logSoftmax") }

    /// The mean of −ln softmax(x)[class] over the rows of `[n, classes]`, nats.
    ///
    /// - Parameter classes: Indices, shape `[n]`.
    public func crossEntropy(_ classes: Tensor) throws -> Tensor { try Engine.apply(CT_CROSS_ENTROPY, [self, classes], name: "crossEntropy") }
}

extension Tensor {
    /// The product of matrices, batch by batch where there are more than two axes.
    public func matmul(_ other: Tensor) throws -> Tensor { try Engine.apply(CT_MATMUL, [self, other], name: "matmul") }

    /// x Wᵀ + b, with W of the shape `[outputs, inputs]`, as PyTorch keeps it.
    public func linear(weight: Tensor, bias: Tensor? = nil) throws -> Tensor {
        try Engine.apply(CT_LINEAR, [self, weight] + (bias.map { [$0] } ?? []), name: "linear")
    }

    /// The convolution of images `[n, channels, height, width]` with filters `[channels, channels / groups, height, width]`.
    public func convolution(weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, groups: Int = 1) throws -> Tensor {
        try Engine.apply(CT_CONVOLUTION, [self, weight] + (bias.map { [$0] } ?? []), integers: [stride, padding, groups], name: "convolution")
    }

    /// The transpose of a convolution, which makes images larger.
    public func transposedConvolution(weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
                                      groups: Int = 1) throws -> Tensor {
        try Engine.apply(CT_TRANSPOSED_CONVOLUTION, [self, weight] + (bias.map { [$0] } ?? []),
                         integers: [stride, padding, outputPadding, groups], name: "transposedConvolution")
    }

    /// Means of squares of `size` × `size` pixels; what is left over at the edges is dropped.
    public func averagePool(_ size: Int) throws -> Tensor { try Engine.apply(CT_AVERAGE_POOL, [self], integers: [size], name: "averagePool") }

    /// Channels in groups, each group of a row brought to mean 0 and variance 1, then scaled and shifted a channel.
    ///
    /// - Source: Wu & He, *Group Normalization*, ECCV 2018.
    public func groupNorm(groups: Int, weight: Tensor, bias: Tensor, epsilon: Double = 1e-5) throws -> Tensor {
        try Engine.apply(CT_GROUP_NORM, [self, weight, bias], integers: [groups], numbers: [epsilon], name: "groupNorm")
    }

    /// The last axes, which have the shape of `weight`, brought to mean 0 and variance 1, then scaled and shifted.
    ///
    /// - Source: Ba, Kiros & Hinton, *Layer Normalization*, 2016.
    public func layerNorm(weight: Tensor, bias: Tensor, epsilon: Double = 1e-5) throws -> Tensor {
        try Engine.apply(CT_LAYER_NORM, [self, weight, bias], integers: weight.shape, numbers: [epsilon], name: "layerNorm")
    }
}

extension Tensor {
    /// The same elements in another shape; one extent may be −1, to be found.
    public func reshaped(_ shape: [Int]) throws -> Tensor { try Engine.apply(CT_RESHAPE, [self], integers: shape, name: "reshaped") }
    /// All axes but the first as one.
    public func flattened() throws -> Tensor { try reshaped([shape.first ?? 1, shape.dropFirst().reduce(1, *)]) }
    /// The axes in another order.
    public func permuted(_ axes: [Int]) throws -> Tensor { try Engine.apply(CT_PERMUTE, [self], integers: axes, name: "permuted") }
    /// Extents of 1 repeated to this shape, without a copy.
    public func expanded(to shape: [Int]) throws -> Tensor { try Engine.apply(CT_EXPAND, [self], integers: shape, name: "expanded") }
    /// Part of an axis.
    public func slice(_ range: Range<Int>, along axis: Int = 0) throws -> Tensor {
        try Engine.apply(CT_SLICE, [self], integers: [axis, range.lowerBound, range.upperBound], name: "slice")
    }
    /// One place of an axis, which goes.
    public func selecting(_ index: Int, along axis: Int) throws -> Tensor {
        try Engine.apply(CT_SELECT, [self], integers: [axis, index], name: "selecting")
    }
    /// The places of an axis that `indices`, shape `[count]`, name, in their order.
    public func selecting(_ indices: Tensor, along axis: Int = 0) throws -> Tensor {
        try Engine.apply(CT_INDEX, [self, indices], integers: [axis], name: "selecting")
    }
    /// Of every place of `indices`, the element whose index along `axis` stands there.
    public func gathering(_ indices: Tensor, along axis: Int) throws -> Tensor {
        try Engine.apply(CT_GATHER, [self, indices], integers: [axis], name: "gathering")
    }
    /// The rows of this table that indices of any shape name: that shape, and the columns.
    public func embedding(_ indices: Tensor) throws -> Tensor { try Engine.apply(CT_EMBEDDING, [self, indices], name: "embedding") }
    /// Tensors one after the other along an axis.
    public static func concatenating(_ tensors: [Tensor], along axis: Int) throws -> Tensor {
        try Engine.apply(CT_CONCATENATE, tensors, integers: [axis], name: "concatenating")
    }

    /// The same numbers as another type of element.
    public func converted(to element: Element) throws -> Tensor {
        try Engine.apply(CT_CONVERT, [self], integers: [Int(element.code.rawValue)], name: "converted")
    }
    /// The same numbers on a device.
    ///
    /// - Throws: `GibbsError` with code `.usage` where there is no such device.
    public func moved(to device: Device) throws -> Tensor {
        try device.require()
        return try Engine.apply(CT_MOVE, [self], integers: [Int(device.code.rawValue)], name: "moved")
    }
}
