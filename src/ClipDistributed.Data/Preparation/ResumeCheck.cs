using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Preparation;

/// <summary>A resume continues the same trajectory: what decides it may not have changed since the run began.</summary>
internal static class ResumeCheck
{
    // The fields that say when to look, save or stop; everything else is part of the trajectory.
    private static readonly string[] Free = ["name", "checkpoint", "evaluate", "replicas", "limits", "run_directory"];

    public static void Run(RunDirectory directory, TrainingSpec spec, DatasetManifest manifest)
    {
        var before = SpecReader.ReadFile(directory.Spec, []);
        var errors = TrainingSpec.Descriptor.Fields.InDeclarationOrder()
            .Where(field => !Free.Contains(field.Name) && !Equals(field.Accessor.GetValue(before), field.Accessor.GetValue(spec)))
            .Select(field => $"{field.Name} differs from what {directory.Spec} says; a resume keeps the trajectory: restore it, or start a new run in another run_directory.")
            .ToList();
        if (DatasetManifest.Load(directory.Manifest).Digest != manifest.Digest)
            errors.Add($"data.train: the shards are not those that the run began with ({directory.Manifest}); restore them, or start a new run in another run_directory.");
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
