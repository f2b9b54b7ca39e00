using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Batches;

/// <summary>A run's samples on their way from the shards to what the towers see: read, decoded, augmented, tokenised.</summary>
public sealed class SamplePipeline : IDisposable
{
    private readonly PreparedRun run;
    private readonly SampleReader reader;
    private readonly SampleEncoder encoder;

    private SamplePipeline(PreparedRun run, SampleReader reader, SampleEncoder encoder) =>
        (this.run, this.reader, this.encoder) = (run, reader, encoder);

    /// <param name="poison">Rows that crash the decoder: they count as damaged. Null: none are known.</param>
    /// <param name="damaged">Receives each damaged row that is met, on any thread; null: they are replaced silently.</param>
    public static SamplePipeline Open(
        PreparedRun run, ModelConfig model, ClipTokenizer tokenizer, IReadOnlySet<SampleId>? poison, Action<DamagedRow>? damaged = null)
    {
        var spec = run.Spec;
        var reader = new SampleReader(run.Manifest, run.Order, (long)spec.Limits.ReadAheadBytes, damaged, poisonRows: poison);
        var crop = spec.Augment.RandomResizedCrop;
        var transform = new TrainingTransform(model.VisionCfg.ImageSize, crop[0], crop[1], spec.Augment.Flip);
        var settings = new EncoderSettings(
            spec.Seed, transform, tokenizer, model.TextCfg.ContextLength, (long)spec.Limits.MaxImagePixels);
        return new SamplePipeline(run, reader, new SampleEncoder(reader, run.Order, settings, damaged ?? (_ => { })));
    }

    /// <summary>Batches of consecutive steps, prepared ahead. Dispose them before this.</summary>
    /// <param name="workers">Threads that decode.</param>
    /// <param name="cancel">Ends a wait for steps to be assigned, or for what is read.</param>
    public BatchSource Batches(BatchRange range, int workers, CancellationToken cancel = default) =>
        new(reader, encoder, range, new DecodingLimits(workers, (long)run.Spec.Limits.ReadAheadBytes), cancel);

    /// <summary>Does with one row what training does with it, for what may become of this process. A damaged row is passed over.</summary>
    /// <param name="step">That it is planned for.</param>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public void Try(long step, SampleId id)
    {
        var row = reader.ReadRowAsync(id).GetAwaiter().GetResult();
        if (row.Damage is null)
            encoder.Try(step, new EncodedSample(0, id, id, row.Image!, row.Caption!));
    }

    public void Dispose() => reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
