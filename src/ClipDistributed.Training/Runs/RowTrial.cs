using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training.Runs;

/// <summary>Decodes single rows of a run as its training does. A row that ends this process is what is looked for.</summary>
public sealed class RowTrial : IDisposable
{
    private readonly SamplePipeline samples;

    private RowTrial(SamplePipeline samples) => this.samples = samples;

    /// <exception cref="BadInputException">The directory does not hold a run, or its data cannot be seen from here.</exception>
    public static RowTrial Open(RunDirectory directory)
    {
        var run = RunContext.Open(directory);
        return new RowTrial(SamplePipeline.Open(run.Prepared, run.Config.ModelCfg, run.Tokenizer, poison: null));
    }

    /// <param name="step">That the row is planned for.</param>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public void Run(long step, SampleId id) => samples.Try(step, id);

    public void Dispose() => samples.Dispose();
}
