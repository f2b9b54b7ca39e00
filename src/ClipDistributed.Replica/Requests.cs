using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model.Folders;
using ClipDistributed.Model.Native;
using ClipDistributed.Replica.Joined;
using ClipDistributed.Training.Loops;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Runs;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.Replica;

/// <summary>Handles the requests to this process.</summary>
internal static class Requests
{
    /// <param name="device">As in <c>cpu</c> or <c>cuda:0</c>; opened for requests that compute on it.</param>
    /// <param name="memory">Bytes that training may use; null: what the host gives.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="BadInputException">What the user gave cannot be used, or memory ran out.</exception>
    public static int Run(ReplicaRequest request, ParentLink parent, string device, long? memory)
    {
        try
        {
            return Handle(request, parent, device, memory);
        }
        catch (Exception thrown) when (FailedAllocation.Of(thrown) is { } failed)
        {
            throw failed.ToBadInput();
        }
    }

    private static int Handle(ReplicaRequest request, ParentLink parent, string device, long? memory) => request switch
    {
        TrialRequest rows => Decode(rows, parent),
        ExportRequest export => Export(export),
        TrainRequest train => Train(train, parent, ComputeDevice.Open(device), memory),
        JoinRequest join => new JoinedRun(join, ComputeDevice.Open(device), memory).Run(),
        _ => new ModelRequestHandlers(ComputeDevice.Open(device), parent).Run(request),
    };

    private static int Decode(TrialRequest request, ParentLink parent)
    {
        using var decoder = RowDecoder.Open(new RunDirectory(request.RunDirectory));
        for (int i = 0; i < request.Rows.Count; i++)
        {
            parent.Send(new ReplicaOutput { Row = new RowBegun { Count = i + 1 } });
            decoder.Decode(request.Step, new SampleId(request.Shards[i], request.Rows[i]));
        }
        return ExitCodes.Done;
    }

    private static int Train(TrainRequest request, ParentLink parent, Device device, long? memory)
    {
        using var run = TrainingRun.Open(new RunDirectory(request.RunDirectory), device, maxReplicas: 1, memory);
        using var alone = new SoloCollective();
        var commands = new CommandInbox();
        using var stop = parent.Stop.Register(() =>
        {
            commands.StopRequestedBy = parent.StopRequestedBy;
            commands.Add(CommandKind.Stop);
        });
        parent.CheckpointRequested += () => commands.Add(CommandKind.Checkpoint);
        run.Restore();
        var shares = AssignedShares.Always(Shares.Even(run.Order.GlobalBatch, alone.World));
        return run.Train(alone, new GenerationTerms(shares, commands, new StepProgress()), parent.Send) == LoopEnd.Finished
            ? ExitCodes.Done
            : ExitCodes.Resumable;
    }

    private static int Export(ExportRequest request)
    {
        var tokenizer = TokenizerFolder.Of(ModelSource.FolderOf(request.Model));
        using var folder = PendingFolder.Create(request.Out);
        var written = ModelExport.Run(request.Model, request.To, folder.Path, tokenizer.IsOpenToOthers);
        tokenizer.Write(folder.Path, written.ModelCfg.TextCfg.ContextLength);
        folder.Complete();
        return ExitCodes.Done;
    }
}
