using System.Globalization;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The names of what lies in a run's directory; nothing else spells them.</summary>
public sealed record RunDirectory(string Root)
{
    /// <summary>The spec with all its values, as the run uses it.</summary>
    public string Spec => Path.Combine(Root, "spec.yaml");

    /// <summary>Shards, rows and blocks of the training data.</summary>
    public string Manifest => Path.Combine(Root, "manifest.json");

    /// <summary>What the shards of all sources were found to hold, so that a resume need not open them.</summary>
    public string ShardCache => Path.Combine(Root, "cache");

    /// <summary>The architecture and the preprocessing, as every checkpoint repeats them.</summary>
    public string Model => Path.Combine(Root, "open_clip_config.json");

    public string Tokenizer => Path.Combine(Root, "tokenizer.json");

    /// <summary>One line of JSON for each step and each evaluation.</summary>
    public string Metrics => Path.Combine(Root, "metrics.jsonl");

    /// <summary>One line of JSON for each thing that happened: checkpoints, damage, stops.</summary>
    public string Events => Path.Combine(Root, "events.jsonl");

    /// <summary>The same of what the coordinator saw or was asked: another process, so another file.</summary>
    public string CoordinatorEvents => Path.Combine(Root, "coordinator.jsonl");

    /// <summary>Rows that crash the decoder; absent: none is known.</summary>
    public string PoisonRows => Path.Combine(Root, "poison-rows.json");

    /// <summary>Where former programs kept those.</summary>
    public string FormerPoisonRows => Path.Combine(Root, "condemned.json");

    /// <summary>Name, attempts and totals of the run.</summary>
    public string Info => Path.Combine(Root, "run.json");

    /// <summary>Similarities of a few held-out pairs, for the report.</summary>
    public string Probe => Path.Combine(Root, "probe.json");

    /// <summary>Images with what the model takes them for, for the report.</summary>
    public string Predictions => Path.Combine(Root, "predictions.json");

    /// <summary>What the model made of a few images and captions after each evaluation.</summary>
    public string PredictionSteps => Path.Combine(Root, PredictionFolder);

    /// <summary>Those images and captions.</summary>
    public string ProbeSet => Path.Combine(PredictionSteps, "probe.json");

    /// <summary>Event files for TensorBoard.</summary>
    public string TensorBoard => Path.Combine(Root, "tensorboard");

    public string Report => Path.Combine(Root, "report.html");

    /// <summary>What each replica of a cluster printed, kept by the coordinator.</summary>
    public string ReplicaLogs => Path.Combine([Root, .. ReplicaLogNames]);

    /// <summary>Of the folders from the root to <see cref="ReplicaLogs"/>.</summary>
    public static IReadOnlyList<string> ReplicaLogNames { get; } = ["logs", "replicas"];

    /// <summary>Held open by the process that writes here.</summary>
    public string Lock => Path.Combine(Root, ".lock");

    /// <summary>Says which process that is.</summary>
    public string Writer => Path.Combine(Root, ".writer");

    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>All that a run writes there, in the order in which it comes to be; without the state, which makes a folder a
    /// run's.</summary>
    public IReadOnlyList<string> Written =>
        [
            Spec,
            Manifest,
            Model,
            Tokenizer,
            Metrics,
            Events,
            CoordinatorEvents,
            TensorBoard,
            Checkpoints,
            PoisonRows,
            FormerPoisonRows,
            Probe,
            Predictions,
            PredictionSteps,
            Report,
        ];

    /// <summary>The name of <see cref="PredictionSteps"/>.</summary>
    public const string PredictionFolder = "predictions";

    public string PredictionStep(long step) => Path.Combine(PredictionSteps, PredictionName(step));

    /// <summary>As in <c>step-00000120.json</c>.</summary>
    public static string PredictionName(long step) => string.Create(CultureInfo.InvariantCulture, $"step-{step:00000000}.json");

    /// <returns>Null: it is the name of no such file.</returns>
    public static long? StepOfPrediction(string name) =>
        name.StartsWith("step-", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(5, name.Length - 10), NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;

    public string Attempt(int attempt) => Path.Combine(Checkpoints, string.Create(CultureInfo.InvariantCulture, $"attempt-{attempt:00}"));

    public string Checkpoint(int attempt, long step) => Path.Combine(Checkpoints, CheckpointName(attempt, step));

    /// <summary>Of a checkpoint among all of a run, as in <c>attempt-01/step-00000120</c>.</summary>
    public static string CheckpointName(int attempt, long step) =>
        string.Create(CultureInfo.InvariantCulture, $"attempt-{attempt:00}/step-{step:00000000}");
}
