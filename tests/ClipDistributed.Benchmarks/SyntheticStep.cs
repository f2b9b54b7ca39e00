using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Model;
using ClipDistributed.Training.States;
using ClipDistributed.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Benchmarks;

/// <summary>A whole training step on synthetic pairs, the same in every step.</summary>
internal sealed class SyntheticStep : IDisposable
{
    private readonly StepProgress progress = new();
    private readonly Shares shares;
    private readonly Batch batch;
    private readonly ClipModel model;
    private readonly TrainState state;
    private readonly TrainStep step;

    private SyntheticStep(SyntheticSize size, ModelConfig config, TrainingSpec spec, ICollective group, Device device)
    {
        Size = size;
        shares = Shares.Even(size.GlobalBatch, group.World);
        batch = Pairs(config, shares.Of(group.Rank), size.CaptionLength ?? config.TextCfg.ContextLength);
        model = new ClipModel(config, device, size.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32);
        model.Parameters.Initialize(1);
        state = new TrainState(spec.Optimizer, model) { AppliedStep = 0 };
        var recipe = new StepRecipe(spec, size.Steps, size.MicroBatch, new PreprocessConfig()) { GpuMemory = size.GpuMemory };
        step = new TrainStep(recipe, state, group, progress);
    }

    public SyntheticSize Size { get; }

    public ClipModel Model => model;

    /// <summary>The seconds of the last step's phases.</summary>
    public StepSplit Split { get; private set; } = new();

    /// <exception cref="BadInputException">There is no such preset.</exception>
    public static SyntheticStep Create(SyntheticSize size, ICollective group, Device device)
    {
        var preset = ModelPresets.Find(size.Preset)
            ?? throw new BadInputException($"There is no preset {size.Preset}; use one such as ViT-B-32, small or tiny.");
        var spec = SpecDefaults.Fill(
            new TrainingSpec
            {
                Data = new DataSpec(),
                Model = new ModelSpec { Preset = size.Preset },
                Batch = new BatchSpec { Global = (uint)size.GlobalBatch },
                Precision = size.Bfloat16 ? Precision.Bfloat16 : Precision.Float32,
            }
        );
        spec.Optimizer.WarmupSteps = Math.Min(spec.Optimizer.WarmupSteps, (uint)size.Steps / 10);
        return new SyntheticStep(size, preset.Model, spec, group, device);
    }

    public StepResult Run()
    {
        var next = batch with { Step = state.AppliedStep + 1 };
        var result = step.Run(next, shares, () => next);
        Split = progress.EndStep();
        return result;
    }

    public void Dispose()
    {
        step.Dispose();
        state.Dispose();
        model.Dispose();
    }

    private static Batch Pairs(ModelConfig config, SlotRange share, int captionLength)
    {
        var random = new Random(1 + share.Start);
        int size = config.VisionCfg.ImageSize, context = config.TextCfg.ContextLength;
        byte[] images = new byte[share.Count * 3 * size * size];
        random.NextBytes(images);
        int[] tokens = new int[share.Count * context];
        int length = Math.Min(captionLength, context);
        for (int row = 0; row < share.Count; row++)
        {
            for (int i = 0; i < length; i++)
                tokens[row * context + i] = random.Next(1, config.TextCfg.VocabSize - 2);
            tokens[row * context + length - 1] = config.TextCfg.VocabSize - 1;
        }
        return new Batch(
            1,
            [.. Enumerable.Range(share.Start, share.Count).Select(slot => new BatchSample(slot, default, default, 0))],
            images,
            size,
            tokens,
            context
        );
    }
}

/// <summary>How large a synthetic step is.</summary>
internal sealed record SyntheticSize(string Preset, int GlobalBatch, int MicroBatch)
{
    /// <summary>Tokens of a caption; null: as many as the context has.</summary>
    public int? CaptionLength { get; init; }

    /// <summary>The last step, which the schedule ends at.</summary>
    public long Steps { get; init; } = 1000;

    /// <summary>Of the towers' arithmetic.</summary>
    public bool Bfloat16 { get; init; }

    /// <summary>Bytes of the GPU that computes; null: processors do.</summary>
    public long? GpuMemory { get; init; }
}
