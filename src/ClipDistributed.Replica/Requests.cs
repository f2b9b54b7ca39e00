using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
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
using ClipDistributed.Training.Runs;
using ClipDistributed.Training.Steps;
using static TorchSharp.torch;

namespace ClipDistributed.Replica;

/// <summary>What this process can be asked to do.</summary>
internal static class Requests
{
    /// <param name="memory">Bytes that training may use; null: what the host gives.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReplicaRequest request, Conversation conversation, long? memory) => request switch
    {
        TrainRequest train => Train(train, conversation, memory),
        JoinRequest join => new JoinedRun(join, memory).Run(),
        TrialRequest trial => Try(trial, conversation),
        ZeroshotRequest zeroshot => Zeroshot(zeroshot, conversation),
        ExportRequest export => Export(export),
        RetrievalRequest retrieval => ModelRequests.Retrieval(retrieval, conversation),
        ClassifyRequest classify => ModelRequests.Classify(classify, conversation),
        EmbedImagesRequest images => ModelRequests.Embed(images, conversation),
        EmbedTextsRequest texts => ModelRequests.Embed(texts, conversation),
        EmbedTensorsRequest tensors => ModelRequests.Embed(tensors, conversation),
        _ => throw new InvalidOperationException($"A conversation does not begin with {request.GetType().Name}."),
    };

    private static int Try(TrialRequest request, Conversation conversation)
    {
        using var trial = RowTrial.Open(new RunDirectory(request.RunDirectory));
        for (int i = 0; i < request.Rows.Count; i++)
        {
            conversation.Tell(new ReplicaOutput { Row = new RowBegun { Count = i + 1 } });
            trial.Run(request.Step, new SampleId(request.Shards[i], request.Rows[i]));
        }
        return ExitCodes.Done;
    }

    private static int Train(TrainRequest request, Conversation conversation, long? memory)
    {
        using var run = TrainingRun.Open(new RunDirectory(request.RunDirectory), CPU, maxReplicas: 1, memory);
        using var alone = new SoloCollective();
        var commands = new CommandInbox();
        using var stop = conversation.Stop.Register(() =>
        {
            commands.StopRequestedBy = conversation.StopRequestedBy;
            commands.Add(CommandKind.Stop);
        });
        conversation.SaveAsked += () => commands.Add(CommandKind.Checkpoint);
        run.Restore();
        var shares = AssignedShares.Always(Shares.Even(run.Order.GlobalBatch, alone.World));
        return run.Train(alone, new GenerationTerms(shares, commands, new StepProgress()), conversation.Tell) == LoopEnd.Finished
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

    private static int Zeroshot(ZeroshotRequest request, Conversation conversation)
    {
        using var scope = NewDisposeScope();
        var config = ModelFolder.ReadConfig(request.Model);
        var tokenizer = ModelRequests.TokenizerOf(request.Model, request.Tokenizer, config);
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
        var zeroshot = new ZeroshotEvaluation(request.Classes, request.Templates, tokenizer,
            config.ModelCfg.TextCfg.ContextLength, config.PreprocessCfg);
        var score = zeroshot.Run(model, zeroshot.Classifier(model), images);
        conversation.Tell(new RunRecord { Evaluation = score.ToMetrics(request.Source, request.Classes.Count) });
        return ExitCodes.Done;
    }
}
