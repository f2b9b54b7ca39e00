using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Preparation;

/// <summary>
/// A resume continues the same trajectory: what decides it may not have changed since the run began. Where data and run lie
/// decides nothing, so a project may be moved, mounted elsewhere or reached through a link.
/// </summary>
internal static class ResumeCheck
{
    private const string Remedy = "A resume keeps the trajectory: restore that, or start a new run in another run_directory.";

    /// <returns>The manifest under which the run goes on: it also knows the digests that its checkpoints have.</returns>
    /// <exception cref="BadInputException">Each field that differs, with both values.</exception>
    public static DatasetManifest Run(RunDirectory directory, TrainingSpec spec, DatasetManifest manifest)
    {
        var before = Trajectory(SpecDefaults.Fill(PreparedRun.ReadSpec(directory))); // an older program knew fewer fields
        var now = Trajectory(spec);
        // Without a decay the schedule does not know the end: more steps continue the same trajectory.
        if (now.Optimizer.Schedule == Schedule.Constant && now.Samples > before.Samples)
            before.Samples = now.Samples;
        var began = DatasetManifest.Load(directory.Manifest);
        string[] errors =
        [
            .. SpecDifferences.Find(before, now).Select(
                field => $"{field.Field} is {field.Now}; the run began with {field.Before}. {Remedy}"),
            .. ManifestDifferences.Find(began, manifest).Select(difference => $"{difference} {Remedy}"),
        ];
        return errors.Length == 0 ? manifest.Following(began) : throw new BadInputException(errors);
    }

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
            (source.Name, source.Path) = ("", "");
        var model = copy.Model;
        // The run directory holds what was read from them; another name is another model, another folder is not.
        (model.InitFrom, model.Tokenizer, model.Config) = (LastPart(model.InitFrom), LastPart(model.Tokenizer), LastPart(model.Config));
        return copy;
    }

    private static string LastPart(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
}
