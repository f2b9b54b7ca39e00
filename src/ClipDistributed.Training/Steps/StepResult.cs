using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training.Steps;

/// <summary>The result of a step; the same on all replicas.</summary>
/// <param name="LogitScale">exp(logit_scale) that the loss used.</param>
/// <param name="GradNorm">Before clipping.</param>
/// <param name="Applied">False where the loss or the norm was non-finite: then the weights stayed.</param>
/// <param name="Digest">Of the rows that entered the towers, all replicas' together.</param>
/// <param name="Replaced">Rows that stood in for damaged ones.</param>
/// <param name="Command">The highest numbered command that every replica held: from the next step on it is in force.</param>
/// <param name="SavesNext">A checkpoint is due by the clock of one of the replicas.</param>
/// <param name="Remark">A notice for the user about a step that was non-finite at first; else empty.</param>
public sealed record StepResult(
    double Loss,
    double LogitScale,
    double Lr,
    double GradNorm,
    bool Applied,
    StepDigest Digest,
    int Replaced,
    long Command,
    bool SavesNext,
    string Remark
);
