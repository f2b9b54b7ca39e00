using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>The metrics of steps that can be asked for. What is stored has them by their places here: new ones come last.</summary>
internal static class MetricFields
{
    private const string Time = "time"; // of a step's record, which its message does not hold

    private static readonly (string Name, Func<StepMetrics, double?> Of)[] All =
    [
        ("loss", step => step.Loss),
        ("logit_scale", step => step.LogitScale),
        ("lr", step => step.Lr),
        ("grad_norm", step => step.GradNorm),
        ("seconds", step => step.Seconds),
        ("samples_per_second", step => step.SamplesPerSecond),
        ("replaced", step => step.Replaced),
        ("split.data", step => step.Split?.Data),
        ("split.forward", step => step.Split?.Forward),
        ("split.wait", step => step.Split?.Wait),
        ("split.gather", step => step.Split?.Gather),
        ("split.loss", step => step.Split?.Loss),
        ("split.backward", step => step.Split?.Backward),
        ("split.reduce", step => step.Split?.Reduce),
        ("split.optimizer", step => step.Split?.Optimizer),
        ("pipeline.reading", step => step.Pipeline?.Reading),
        ("pipeline.decoding", step => step.Pipeline?.Decoding),
        ("pipeline.step", step => step.Pipeline?.Step),
        ("flops", step => step.HasFlops ? step.Flops : null),
        (Time, _ => null),
    ];

    private static readonly int TimePlace = Array.FindIndex(All, field => field.Name == Time);

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(field => field.Name)];

    public static int Count => All.Length;

    /// <returns>Its place; -1: there is no such metric.</returns>
    public static int Find(string name) => Array.FindIndex(All, field => field.Name == name);

    /// <returns>Null: the step has no such value.</returns>
    /// <param name="recorded">When, UTC.</param>
    public static double? Value(StepMetrics step, DateTime recorded, int metric) =>
        metric == TimePlace ? (recorded - DateTime.UnixEpoch).TotalSeconds : All[metric].Of(step);
}
