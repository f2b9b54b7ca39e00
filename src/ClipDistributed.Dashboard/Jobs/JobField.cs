using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.Reference;

namespace ClipDistributed.Dashboard.Jobs;

/// <summary>A value of a spec that the form has.</summary>
/// <param name="Path">As in <c>batch.global</c>.</param>
/// <param name="Meaning">As the reference of specs has it, with range and unit.</param>
/// <param name="Choices">What it may be; empty: it is typed.</param>
internal sealed record JobField(string Path, string Label, string Meaning, string? Unit, bool IsNumber, IReadOnlyList<string> Choices)
{
    private static readonly Lazy<SpecReference> Reference = new(SpecReference.Build);

    /// <summary>In groups, each with its title.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<JobField> Fields)> Groups { get; } =
    [
        ("Job", [Of("name", "Name"), Of("samples", "Samples"), Of("seed", "Seed"), Of("run_directory", "Run directory")]),
        ("Data", [Of("data.train[0].path", "Training data"), Of("data.validation[0].path", "Validation data")]),
        (
            "Model",
            [
                Of("model.preset", "Preset", [.. ModelPresets.All.Select(preset => preset.Name)]), Of("batch.global", "Global batch"),
                Of("loss", "Loss"), Of("precision", "Precision"),
            ]),
        (
            "Optimizer",
            [
                Of("optimizer.lr", "Learning rate"), Of("optimizer.warmup_steps", "Warm-up"),
                Of("optimizer.weight_decay", "Weight decay"),
            ]),
        (
            "Saving",
            [
                Of("checkpoint.every_steps", "Checkpoint every"), Of("checkpoint.keep", "Keep"),
                Of("evaluate.every_steps", "Evaluate every"),
            ]),
        (
            "Devices",
            [
                Of("replicas.min", "Replicas, at least"), Of("replicas.max", "Replicas, at most"), Of("replicas.priority", "Priority"),
                Of("replicas.preemptible", "Preemptible", ["true", "false"]),
            ]),
    ];

    private static JobField Of(string path, string label, IReadOnlyList<string>? choices = null)
    {
        var field = Reference.Value.Find(path).Field ?? throw new InvalidOperationException($"{path} is a section of a spec.");
        string allowed = field.Allowed is null ? "" : $" Allowed: {field.Allowed}.";
        bool isSaid = field.Unit is not null && label.Contains(field.Unit, StringComparison.OrdinalIgnoreCase);
        return new JobField(
            path, label, field.Meaning + allowed, isSaid ? null : field.Unit, field.Type.Contains("number", StringComparison.Ordinal),
            choices ?? [.. field.Choices.Select(choice => choice.Name)]);
    }
}
