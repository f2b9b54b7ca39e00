using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Optimization;
using static TorchSharp.torch;

namespace ClipDistributed.Training.States;

/// <summary>All that a replica carries from step to step: parameters, gradients, moments and the step's number.</summary>
public sealed class TrainState : IDisposable
{
    /// <param name="model">Stays the caller's.</param>
    public TrainState(OptimizerSpec spec, ClipModel model)
    {
        Model = model;
        Gradients = new GradientBuffer(model.Parameters);
        Optimizer = spec.Name == OptimizerName.Sgd
            ? new Sgd(spec, model.Parameters, Gradients)
            : new AdamW(spec, model.Parameters, Gradients);
    }

    public ClipModel Model { get; }

    public GradientBuffer Gradients { get; }

    public IOptimizer Optimizer { get; }

    /// <summary>The last applied step; 0: initial weights; −1: the parameters mean nothing yet.</summary>
    public long AppliedStep { get; set; } = -1;

    /// <summary>All tensors that steps change and that every replica holds alike, one-dimensional.</summary>
    public IEnumerable<Tensor> Parts =>
        [
            Model.Parameters.Flat,
            .. Optimizer.State.Select(moment => moment.Value),
            .. Model.Statistics is { } statistics ? [statistics.Running] : Array.Empty<Tensor>(),
        ];

    /// <summary>Differs where a single bit does. Sums of words: as fast as memory is read.</summary>
    public ulong Digest()
    {
        using var mode = no_grad();
        return Parts.Aggregate(0UL, (digest, part) => unchecked(digest * 0x9E3779B97F4A7C15 + SumOfWords(part)));
    }

    /// <summary>In pieces: from a GPU they are copied, and no span holds more than 2^31 bytes.</summary>
    private static ulong SumOfWords(Tensor part)
    {
        const long piece = 4 << 20;
        ulong sum = 0;
        for (long start = 0; start < part.numel(); start += piece)
        {
            using var scope = NewDisposeScope();
            foreach (uint word in MemoryMarshal.Cast<byte, uint>(part.narrow(0, start, Math.Min(piece, part.numel() - start)).cpu().bytes))
                sum += word;
        }
        return sum;
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Gradients.Dispose();
    }
}
