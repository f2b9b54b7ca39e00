using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model.Folders;
using ClipDistributed.Replica.Joined;
using ClipDistributed.Training.Evaluation;
using ClipDistributed.Training.Loops;
using ClipDistributed.Training.Memory;
using ClipDistributed.Training.Runs;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.Replica;

/// <summary>Handles the requests to this process.</summary>
internal static class Requests
{
    /// <param name="memory">Bytes that training may use; null: what the host gives.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="BadInputException">What the user gave cannot be used, or memory ran out.</exception>
    public static int Run(ReplicaRequest request, ParentLink parent, long? memory)
    {
        try
        {
            return Handle(request, parent, memory);
        }
        catch (Exception thrown) when (FailedAllocation.Of(thrown) is { } failed)
        {
            throw failed.ToBadInput();
        }
    }

    private static int Handle(ReplicaRequest request, ParentLink parent, long? memory) => request switch
    {
        TrainRequest train => Train(train, parent, memory),
        JoinRequest join => new JoinedRun(join, memory).Run(),
        TrialRequest rows => Decode(rows, parent),
        ZeroshotRequest zeroshot => Zeroshot(zeroshot, parent),
        ExportRequest export => Export(export),
        RetrievalRequest retrieval => ModelRequestHandlers.Retrieval(retrieval, parent),
        ClassifyRequest classify => ModelRequestHandlers.Classify(classify, parent),
        EmbedImagesRequest images => ModelRequestHandlers.Embed(images, parent),
        EmbedTextsRequest texts => ModelRequestHandlers.Embed(texts, parent),
        EmbedTensorsRequest tensors => ModelRequestHandlers.Embed(tensors, parent),
        _ => throw new InvalidOperationException($"{request.GetType().Name} cannot be the first request."),
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

    private static int Train(TrainRequest request, ParentLink parent, long? memory)
    {
        using var run = TrainingRun.Open(new RunDirectory(request.RunDirectory), CPU, maxReplicas: 1, memory);
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

    private static int Zeroshot(ZeroshotRequest request, ParentLink parent)
    {
        using var scope = NewDisposeScope();
        var config = ModelFolder.ReadConfig(request.Model);
        var tokenizer = ModelRequestHandlers.TokenizerOf(request.Model, request.Tokenizer, config);
        using var model = ModelFolder.Open(request.Model, CPU);
        var source = new SourceSpec
        {
            Path = request.Data,
            ImageColumn = request.ImageColumn,
            LabelColumn = request.LabelColumn,
            Name = request.Source,
        };
        var images = LabelledImages.Open(
            source, request.Classes, EvaluationTransform.Of(config), (long)SpecDefaults.MaxImagePixels, "--data");
        var zeroshot = ZeroshotEvaluation.Build(request.Classes, request.Templates, tokenizer, config);
        var score = zeroshot.Run(model, zeroshot.Classifier(model), images);
        parent.Send(new RunRecord { Evaluation = score.ToMetrics(request.Source, request.Classes.Count) });
        return ExitCodes.Done;
    }
}
