using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Spec;

/// <summary>
/// Fills what a spec leaves open: from its preset first (see <see cref="SpecRecipe"/>), else the defaults here. What depends on the
/// data stays open.
/// </summary>
public static class SpecDefaults
{
    /// <summary>An image with more pixels is damage, where no spec says otherwise.</summary>
    public const ulong MaxImagePixels = 100_000_000;

    /// <summary>Pairs of a validation source that retrieval compares, where no spec says otherwise.</summary>
    public const uint RetrievalPairs = 5_000;

    /// <summary>Of a run that waits for devices, from 0 to 100.</summary>
    public const uint Priority = 50;

    private const string UnnamedRun = "run";

    /// <summary>Fills a copy; <paramref name="spec"/> must have passed <see cref="SpecValidator"/>.</summary>
    /// <exception cref="BadInputException">The model comes from a file or folder that cannot be read, or that no preset suits.</exception>
    /// <param name="stored">The full spec of the run that is resumed; null: a new run.</param>
    public static TrainingSpec Fill(TrainingSpec spec, TrainingSpec? stored = null)
    {
        var full = spec.Clone();
        full.Model ??= new ModelSpec();
        var recipe = SpecRecipe.Of(full, stored);
        full.Model.Preset = recipe.Preset;

        if (full.Name == "")
            full.Name = UnnamedRun;
        if (!full.HasSeed)
            full.Seed = 1;
        if (!full.HasSamples)
            full.Samples = recipe.Samples;
        if (full.Loss == Loss.Unspecified)
            full.Loss = Loss.Softmax;
        if (full.Precision == Precision.Unspecified)
            full.Precision = Precision.Float32;
        full.RunDirectory = RunDirectoryOf(full);
        foreach (var source in full.Data.Train.Concat(full.Data.Validation).Where(source => source.Name == ""))
            source.Name = NameOf(source);

        full.Batch ??= new BatchSpec();
        if (!full.Batch.HasGlobal)
            full.Batch.Global = recipe.GlobalBatch;
        if (full.Batch.Gather == Precision.Unspecified)
            full.Batch.Gather = Precision.Float32;

        FillOptimizer(full.Optimizer ??= new OptimizerSpec(), recipe);

        full.Augment ??= new AugmentSpec();
        if (full.Augment.RandomResizedCrop.Count == 0)
            full.Augment.RandomResizedCrop.AddRange([0.9, 1.0]);
        if (!full.Augment.HasFlip)
            full.Augment.Flip = false;
        if (full.Augment.Exif == Exif.Unspecified)
            full.Augment.Exif = Exif.Ignore;

        full.Checkpoint ??= new CheckpointSpec();
        if (!full.Checkpoint.HasEverySteps)
            full.Checkpoint.EverySteps = 0;
        if (!full.Checkpoint.HasEveryMinutes)
            full.Checkpoint.EveryMinutes = 30;
        if (!full.Checkpoint.HasKeep)
            full.Checkpoint.Keep = 3;

        full.Evaluate ??= new EvaluateSpec();
        if (!full.Evaluate.HasEverySteps)
            full.Evaluate.EverySteps = 0;
        full.Evaluate.Retrieval ??= new RetrievalSpec();
        if (!full.Evaluate.Retrieval.HasPairs)
            full.Evaluate.Retrieval.Pairs = RetrievalPairs;

        full.Replicas ??= new ReplicasSpec();
        if (!full.Replicas.HasMin)
            full.Replicas.Min = 1;
        if (!full.Replicas.HasMax)
            full.Replicas.Max = Math.Max(1, full.Replicas.Min);
        if (!full.Replicas.HasCompareEverySteps)
            full.Replicas.CompareEverySteps = 50;
        if (!full.Replicas.HasWaitMinutes)
            full.Replicas.WaitMinutes = 30;
        if (!full.Replicas.HasRebalanceAbove)
            full.Replicas.RebalanceAbove = 0.15;
        if (!full.Replicas.HasPriority)
            full.Replicas.Priority = Priority;
        if (!full.Replicas.HasPreemptible)
            full.Replicas.Preemptible = false;

        full.Limits ??= new LimitsSpec();
        if (!full.Limits.HasReadAheadBytes)
            full.Limits.ReadAheadBytes = 2UL << 30;
        if (!full.Limits.HasMaxImagePixels)
            full.Limits.MaxImagePixels = MaxImagePixels;
        return full;
    }

    /// <summary>Where a run goes, which is known before the rest is filled in.</summary>
    public static string RunDirectoryOf(TrainingSpec spec) =>
        spec.RunDirectory != "" ? spec.RunDirectory : $"runs/{(spec.Name != "" ? spec.Name : UnnamedRun)}";

    /// <summary>The name in metrics and reports: as given, else the last part of the path without <c>.parquet</c>.</summary>
    internal static string NameOf(SourceSpec source)
    {
        const string ending = ".parquet";
        if (source.Name != "")
            return source.Name;
        string last = Path.GetFileName(source.Path.TrimEnd('/'));
        return last.EndsWith(ending, StringComparison.Ordinal) ? last[..^ending.Length] : last;
    }

    private static void FillOptimizer(OptimizerSpec optimizer, SpecRecipe recipe)
    {
        if (optimizer.Name == OptimizerName.Unspecified)
            optimizer.Name = OptimizerName.Adamw;
        if (!optimizer.HasLr)
            optimizer.Lr = recipe.LearningRate;
        if (!optimizer.HasBeta1)
            optimizer.Beta1 = 0.9;
        if (!optimizer.HasBeta2)
            optimizer.Beta2 = recipe.Beta2;
        if (!optimizer.HasEps)
            optimizer.Eps = recipe.Epsilon;
        if (!optimizer.HasWeightDecay)
            optimizer.WeightDecay = 0.2;
        if (!optimizer.HasClipNorm)
            optimizer.ClipNorm = 1.0;
        if (!optimizer.HasWarmupSteps)
            optimizer.WarmupSteps = recipe.WarmupSteps;
        if (optimizer.Schedule == Schedule.Unspecified)
            optimizer.Schedule = Schedule.Cosine;
        if (optimizer.Decay == Decay.Unspecified)
            optimizer.Decay = Decay.Ndim2;
    }
}
