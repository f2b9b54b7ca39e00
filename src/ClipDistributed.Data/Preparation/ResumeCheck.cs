using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Preparation;

/// <summary>A resume continues the same trajectory: what decides it may not have changed since the run began.</summary>
internal static class ResumeCheck
{
    /// <summary>A copy without what only says when to look, save or stop, and where; all that is left decides the trajectory.</summary>
    private static TrainingSpec Trajectory(TrainingSpec spec)
    {
        var copy = spec.Clone();
        (copy.Name, copy.RunDirectory, copy.Checkpoint, copy.Evaluate, copy.Replicas) = ("", "", null, null, null);
        copy.Limits.ClearReadAheadBytes();
        if (copy.Optimizer.Decay == Decay.Unspecified)
            copy.Optimizer.Decay = Decay.Ndim2; // runs from before there was a choice
        copy.Data.Validation.Clear();
        foreach (var source in copy.Data.Train)
            source.Name = "";
        return copy;
    }

    public static void Run(RunDirectory directory, TrainingSpec spec, DatasetManifest manifest)
    {
        var before = Trajectory(SpecReader.ReadFile(directory.Spec, []));
        var now = Trajectory(spec);
        var errors = TrainingSpec.Descriptor.Fields.InDeclarationOrder()
            .Where(field => !Equals(field.Accessor.GetValue(before), field.Accessor.GetValue(now)))
            .Select(field => $"{field.Name} differs from what {directory.Spec} says; a resume keeps the trajectory: restore it, or start a new run in another run_directory.")
            .ToList();
        if (DatasetManifest.Load(directory.Manifest).Digest != manifest.Digest)
            errors.Add($"data.train: the shards are not those that the run began with ({directory.Manifest}); restore them, or start a new run in another run_directory.");
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
