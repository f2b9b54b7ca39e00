using ClipDistributed.Collectives;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Steps;

/// <summary>
/// What the replicas tell each other of a step before it is applied, so that all decide alike and every survivor holds the
/// whole account. Added up in rank order: the same bits everywhere.
/// </summary>
/// <param name="Loss">This replica's part of the loss.</param>
/// <param name="Digest">Of the rows that entered its towers.</param>
/// <param name="Replaced">Rows that stand in for damaged ones.</param>
/// <param name="Command">The highest numbered command that it holds.</param>
/// <param name="GradientsFinite">Of its gradients before they were added to the others'.</param>
/// <param name="SavesNext">Its clock says that a checkpoint is due.</param>
internal readonly record struct StepAgreement(
    double Loss,
    StepDigest Digest,
    int Replaced,
    long Command,
    bool GradientsFinite,
    bool SavesNext
)
{
    /// <returns>What everyone tells, in rank order.</returns>
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public StepAgreement[] Tell(ICollective group, Device device) => group.AllGather(this, device);

    /// <summary>The account of the whole global batch.</summary>
    public static StepAgreement Of(IEnumerable<StepAgreement> told) =>
        told.Aggregate(
            (sum, part) =>
                new StepAgreement(
                    sum.Loss + part.Loss,
                    sum.Digest + part.Digest,
                    sum.Replaced + part.Replaced,
                    Math.Min(sum.Command, part.Command),
                    sum.GradientsFinite && part.GradientsFinite,
                    sum.SavesNext || part.SavesNext
                )
        );
}
