using ClipDistributed.Collectives;
using ClipDistributed.Data.Streams;
using static TorchSharp.torch;

namespace ClipDistributed.Training;

/// <summary>
/// What the replicas tell each other of a step before it is applied, so that all decide alike and every survivor holds the
/// whole account. Added up in rank order: the same bits everywhere.
/// </summary>
/// <param name="Loss">This replica's part of the loss.</param>
/// <param name="Digest">Of the rows that entered its towers.</param>
/// <param name="Replaced">Rows that stand in for damaged ones.</param>
/// <param name="Command">The highest numbered command that it holds.</param>
internal readonly record struct StepAgreement(double Loss, StepDigest Digest, int Replaced, long Command)
{
    /// <exception cref="CollectiveException">A member or the network was lost.</exception>
    public StepAgreement Reach(ICollective group, Device device) =>
        group.AllGather(this, device).Aggregate((sum, part) => new StepAgreement(
            sum.Loss + part.Loss, sum.Digest + part.Digest, sum.Replaced + part.Replaced, Math.Min(sum.Command, part.Command)));
}
