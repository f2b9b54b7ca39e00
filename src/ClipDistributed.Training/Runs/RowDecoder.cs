using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training.Runs;

/// <summary>Decodes single rows of a run as its training does, to find the poison row: the one that crashes this process.</summary>
public sealed class RowDecoder : IDisposable
{
    private readonly SamplePipeline samples;

    private RowDecoder(SamplePipeline samples) => this.samples = samples;

    /// <exception cref="BadInputException">The directory does not hold a run, or its data cannot be seen from here.</exception>
    public static RowDecoder Open(RunDirectory directory)
    {
        var run = RunContext.Open(directory);
        return new RowDecoder(SamplePipeline.Open(run.Prepared, run.Config.ModelCfg, run.Tokenizer, poison: null));
    }

    /// <param name="step">That the row is planned for.</param>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public void Decode(long step, SampleId id) => samples.Try(step, id);

    public void Dispose() => samples.Dispose();
}
