using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Data.Preparation;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The stored form of a prepared job.</summary>
internal static class JobRows
{
    public static JobRow Of(PreparedRun prepared, string jobId, DateTime submitted) => new()
    {
        JobId = jobId,
        Name = prepared.Spec.Name,
        RunDirectory = prepared.Directory.Root,
        Submitted = submitted,
        Spec = prepared.Spec.ToByteArray(),
        ShardRows = MemoryMarshal.AsBytes<long>(prepared.Manifest.RowsPerShard().ToArray()).ToArray(),
        Streams = prepared.Plan.Streams,
        ShuffleBlock = prepared.Plan.ShuffleBlock,
        ShareUnit = ShareUnit(prepared),
    };

    /// <summary>Candidates for a job's id, the first free one of which it gets: demo, demo-b, demo-c.</summary>
    public static IEnumerable<string> Candidates(string name)
    {
        yield return name;
        for (string before = ""; ; before += "z")
        {
            for (char letter = before == "" ? 'b' : 'a'; letter <= 'z'; letter++)
                yield return $"{name}-{before}{letter}";
        }
    }

    /// <summary>Batch normalization needs a whole micro-batch, so no share may cut one.</summary>
    private static int ShareUnit(PreparedRun prepared)
    {
        var model = ModelFolderConfig.ReadFile(prepared.Directory.Model).ModelCfg;
        int resolved = RunInfo.Load(prepared.Directory.Info).MicroBatch;
        if (!model.HasBatchNorm)
            return 1;
        return resolved > 0
            ? resolved
            : MicroBatchSize.Resolve(
                model, prepared.Plan.GlobalBatch, prepared.Spec.Batch.HasMicro ? (int)prepared.Spec.Batch.Micro : null);
    }
}
