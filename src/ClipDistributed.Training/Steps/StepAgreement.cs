using ClipDistributed.Collectives;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Steps;

/// <summary>
/// What each replica contributes to the record of a step, exchanged before the step is applied: all decide alike, and every survivor
/// holds the whole record. Added up in rank order: the same bits everywhere.
/// </summary>
/// <param name="Loss">This replica's part of the loss.</param>
/// <param name="Digest">Of the rows that entered its towers.</param>
/// <param name="Replaced">Rows that stand in for damaged ones.</param>
/// <param name="Command">The highest numbered command that it holds.</param>
/// <param name="GradientsFinite">Of its gradients before the reduction.</param>
/// <param name="SavesNext">A checkpoint is due by its clock.</param>
/// <param name="Waited">For other replicas in this step, seconds.</param>
internal readonly record struct StepAgreement(
    double Loss,
    StepDigest Digest,
    int Replaced,
    long Command,
    bool GradientsFinite,
    bool SavesNext,
    double Waited
)
{
    /// <returns>Those of all replicas, in rank order.</returns>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public StepAgreement[] Exchange(ICollective group, Device device) => group.AllGather(this, device);

    /// <summary>Of the whole global batch.</summary>
    public static StepAgreement Sum(IEnumerable<StepAgreement> parts) =>
        parts.Aggregate(
            (sum, part) =>
                new StepAgreement(
                    sum.Loss + part.Loss,
                    sum.Digest + part.Digest,
                    sum.Replaced + part.Replaced,
                    Math.Min(sum.Command, part.Command),
                    sum.GradientsFinite && part.GradientsFinite,
                    sum.SavesNext || part.SavesNext,
                    sum.Waited + part.Waited
                )
        );
}
