namespace ClipDistributed.Reporting.Runs;

/// <summary>One training step as written to <c>metrics.jsonl</c>.</summary>
/// <param name="Step">From 1 over the whole run.</param>
/// <param name="Samples">Pairs seen up to and with this step.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Loss">Mean over the global batch, in nats; NaN where the step's loss was not finite.</param>
/// <param name="LogitScale">exp of the learned temperature, at most 100.</param>
/// <param name="Lr">Learning rate of this step.</param>
/// <param name="GradNorm">Norm of the whole gradient before clipping.</param>
/// <param name="PlanDigest">Digest over the sample ids up to this step, in hexadecimal.</param>
/// <param name="ContentDigest">Digest over the bytes of the samples up to this step, in hexadecimal.</param>
/// <param name="Seconds">How long the step took.</param>
/// <param name="SamplesPerSecond">Pairs per second of this step.</param>
public sealed record StepRecord(
    long Step,
    long Samples,
    long Epoch = 0,
    double Loss = double.NaN,
    double LogitScale = double.NaN,
    double Lr = double.NaN,
    double GradNorm = double.NaN,
    string? PlanDigest = null,
    string? ContentDigest = null,
    double Seconds = 0,
    double SamplesPerSecond = double.NaN);
