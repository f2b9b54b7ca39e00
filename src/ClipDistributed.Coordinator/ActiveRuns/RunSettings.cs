using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>The settings of a run, fixed when it was submitted.</summary>
/// <param name="ShareUnit">Rows of the global batch that one replica computes together.</param>
/// <param name="WaitTimeout">How long fewer replicas than it needs wait for others, with the state in memory.</param>
/// <param name="RebalanceAbove">The part of a step that other shares must gain; 0: they stay even.</param>
internal sealed record RunSettings(RunNeed Need, StreamOrder Order, int ShareUnit, TimeSpan WaitTimeout, double RebalanceAbove)
{
    /// <summary>As stored when the job was submitted.</summary>
    public static RunSettings Of(JobRow job, string runId)
    {
        var spec = TrainingSpec.Parser.ParseFrom(job.Spec);
        var rows = MemoryMarshal.Cast<byte, long>(job.ShardRows);
        int global = (int)spec.Batch.Global;
        return new RunSettings(
            RunNeed.Of(spec, runId, job.Owner),
            new StreamOrder(rows.ToArray(), spec.Seed, global, job.Streams, job.ShuffleBlock),
            job.ShareUnit,
            TimeSpan.FromMinutes(spec.Replicas.WaitMinutes),
            spec.Replicas.RebalanceAbove);
    }
}
