namespace ClipDistributed.Dashboard.History;

/// <summary>Neighbouring steps.</summary>
/// <param name="Until">When the last one was recorded.</param>
/// <param name="Seconds">In all of them.</param>
/// <param name="Data">Of these, waiting for data.</param>
public sealed record StepSpan(DateTime Until, double Seconds, double Data);
