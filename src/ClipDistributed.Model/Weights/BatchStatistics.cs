using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Weights;

/// <summary>
/// The running means and variances of a model's batch norms, and what one step adds to them. In training each micro-batch is
/// normalised by its own statistics; the running ones take one update per step, from the mean over all micro-batches of the
/// global batch, so they do not depend on who computed which. Outside <see cref="Begin"/> the running ones normalise.
/// </summary>
public sealed class BatchStatistics : IDisposable
{
    private const double Momentum = 0.1;

    private readonly Dictionary<string, (long Offset, int Channels)> places = [];
    private readonly long channels;
    private bool byBatch, collecting;

    internal BatchStatistics(IReadOnlyList<BatchNormShape> norms, Device device)
    {
        Norms = norms;
        foreach (var norm in norms)
        {
            places[norm.Name] = (channels, norm.Channels);
            channels += norm.Channels;
        }
        Running = zeros([2 * channels], ScalarType.Float32, device).DetachFromDisposeScope();
        Sum = zeros([2 * channels + 1], ScalarType.Float32, device).DetachFromDisposeScope();
        Reset();
    }

    public IReadOnlyList<BatchNormShape> Norms { get; }

    /// <summary>The running means of all channels, then their running variances, [2C] of float32.</summary>
    public Tensor Running { get; }

    /// <summary>
    /// The sum over this step's micro-batches of their means and unbiased variances, laid out as <see cref="Running"/>, and at
    /// the end their number: summed over replicas it is the global batch's, [2C + 1] of float32.
    /// </summary>
    public Tensor Sum { get; }

    /// <summary>Updates so far ("num_batches_tracked").</summary>
    public long Updates { get; set; }

    /// <summary>As before the first step: means 0, variances 1.</summary>
    public void Reset()
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        Running.narrow(0, 0, channels).zero_();
        Running.narrow(0, channels, channels).fill_(1);
        Updates = 0;
    }

    /// <summary>Until the scope ends towers normalise by the micro-batch; what they see is summed until it is closed.</summary>
    public TrainingPass Begin()
    {
        Sum.zero_();
        (byBatch, collecting) = (true, true);
        return new TrainingPass(this);
    }

    /// <summary>Updates the running statistics from <see cref="Sum"/>, once all replicas' sums have been added to it.</summary>
    public void Apply()
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var mean = Sum.narrow(0, 0, 2 * channels) / Sum.narrow(0, 2 * channels, 1);
        Running.lerp_(mean, Momentum);
        Updates++;
    }

    /// <summary>A view of one norm's running mean or variance.</summary>
    internal Tensor RunningOf(string norm, bool variance) => View(Running, norm, variance);

    /// <summary>What one pass through a tower normalises by.</summary>
    internal BatchNormPass Pass() => new(this, byBatch ? zeros_like(Running) : Running, byBatch);

    internal void Collect(Tensor seen)
    {
        if (!collecting)
            return;
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        Sum.narrow(0, 0, 2 * channels).add_(seen);
        Sum.narrow(0, 2 * channels, 1).add_(1);
    }

    internal Tensor View(Tensor flat, string norm, bool variance)
    {
        var (offset, count) = places[norm];
        return flat.narrow(0, variance ? channels + offset : offset, count);
    }

    public void Dispose()
    {
        Running.Dispose();
        Sum.Dispose();
    }

    /// <summary>One step in training mode.</summary>
    public sealed class TrainingPass : IDisposable
    {
        private readonly BatchStatistics statistics;

        internal TrainingPass(BatchStatistics statistics) => this.statistics = statistics;

        /// <summary>Gradient caching runs every micro-batch again: it must not be counted twice.</summary>
        public void Close() => statistics.collecting = false;

        public void Dispose() => (statistics.byBatch, statistics.collecting) = (false, false);
    }
}
