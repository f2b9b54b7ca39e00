using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training.Steps;

/// <summary>What one step computed; the same on all replicas.</summary>
/// <param name="LogitScale">exp(logit_scale) that the loss used.</param>
/// <param name="GradNorm">Before clipping.</param>
/// <param name="Applied">False where the loss or the norm was not finite: then the weights stayed.</param>
/// <param name="Digest">Of the rows that entered the towers, all replicas' together.</param>
/// <param name="Replaced">Rows that stood in for damaged ones.</param>
/// <param name="Command">The highest numbered command that every replica held: from the next step on it is in force.</param>
/// <param name="SavesNext">Some replica's clock said that a checkpoint is due.</param>
/// <param name="Remark">What people should know of a step that was not finite at first; else empty.</param>
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
