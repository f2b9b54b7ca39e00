using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training;

/// <summary>Decodes single rows of a run as its training does. A row that ends this process is what is looked for.</summary>
public sealed class RowTrial : IDisposable
{
    private readonly SampleReader reader;
    private readonly SampleEncoder encoder;

    /// <exception cref="BadInputException">The directory does not hold a run, or its data cannot be seen from here.</exception>
    public RowTrial(RunDirectory directory)
    {
        var run = new RunParts(directory);
        var order = RunPlan.Order(run.Spec, run.Manifest);
        reader = new SampleReader(run.Manifest, order, prefetchLimit: 0);
        encoder = run.Encoder(reader, order, _ => { });
    }

    /// <summary>A row that is damaged in another way is no culprit.</summary>
    /// <param name="step">That it is planned for.</param>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public void Run(long step, SampleId id)
    {
        var row = reader.ReadRowAsync(id).GetAwaiter().GetResult();
        if (row.Damage is null)
            encoder.Try(step, new EncodedSample(0, id, id, row.Image!, row.Caption!));
    }

    public void Dispose() => reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
