using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Preparation;

/// <summary>A run that can start: what its directory says, before a model or a sample is opened.</summary>
public sealed record PreparedRun(RunDirectory Directory, TrainingSpec Spec, DatasetManifest Manifest, RunPlan Plan)
{
    /// <summary>The order of samples.</summary>
    public StreamOrder Order { get; } = RunPlan.Order(Spec, Manifest);

    /// <summary>Reads what <see cref="RunPreparation"/> wrote. The shards need not be there.</summary>
    /// <exception cref="BadInputException">The directory does not hold a run.</exception>
    public static PreparedRun Open(RunDirectory directory)
    {
        if (!File.Exists(directory.Spec))
            throw new BadInputException($"{directory.Spec} cannot be read here; every host must see the run directory under this path.");
        var spec = ReadSpec(directory);
        var manifest = DatasetManifest.Load(directory.Manifest);
        return new PreparedRun(directory, spec, manifest, RunPlan.Resolve(spec, manifest));
    }

    /// <summary>The full spec that a run was written with.</summary>
    /// <exception cref="BadInputException">It is damaged.</exception>
    internal static TrainingSpec ReadSpec(RunDirectory directory)
    {
        var spec = SpecReader.ReadFile(directory.Spec, []);
        return Damage(spec) is { } damage
            ? throw new BadInputException($"{directory.Spec} is damaged ({damage}); restore it, or train anew into another directory.")
            : spec;
    }

    /// <summary>What a stored spec lacks, which was complete when it was written; null: nothing.</summary>
    private static string? Damage(TrainingSpec spec) =>
        spec.Data is null ? "it has no data"
        : spec.Model is null ? "it has no model"
        : spec.Optimizer is null ? "it has no optimizer"
        : spec.Batch is null or { Global: 0 or > int.MaxValue } ? "it has no batch.global of 1 or more"
        : spec.Batch.HasStreams && spec.Batch.Streams is 0 or > int.MaxValue ? "its batch.streams is not a number of streams"
        : spec.Data.HasShuffleBlock && spec.Data.ShuffleBlock is 0 or > int.MaxValue ? "its data.shuffle_block is not a number of rows"
        : null;

    /// <exception cref="BadInputException">A shard is not there.</exception>
    public void CheckShards()
    {
        if (Manifest.Shards.FirstOrDefault(shard => !File.Exists(shard.Path)) is { } missing)
            throw new BadInputException(
                $"{missing.Path} cannot be read here; every host must see every shard under the path that the coordinator sees.");
    }
}
