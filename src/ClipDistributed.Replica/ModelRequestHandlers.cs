using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Embedding;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Replica;

/// <summary>Handles the requests to a trained model.</summary>
internal static class ModelRequestHandlers
{
    public static int Classify(ClassifyRequest request, ParentLink parent)
    {
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, ModelFolder.ReadConfig(request.Model));
        using var model = TrainedModel.Open(request.Model, CPU);
        model.Classify(
            request,
            tokenizer,
            image => parent.Send(new ReplicaOutput { Classified = image }),
            line => parent.Send(NoticeRecord.Of(0, line)));
        return ExitCodes.Done;
    }

    public static int Embed(EmbedImagesRequest request, ParentLink parent)
    {
        using var model = TrainedModel.Open(request.Model, CPU);
        var written = model.EmbedImages(request, damage => parent.Send(NoticeRecord.Of(0, $"left out: {damage}")));
        parent.Send(new ReplicaOutput { Embedded = written });
        return ExitCodes.Done;
    }

    public static int Embed(EmbedTextsRequest request, ParentLink parent)
    {
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, ModelFolder.ReadConfig(request.Model));
        using var model = TrainedModel.Open(request.Model, CPU);
        parent.Send(new ReplicaOutput { Embedded = model.EmbedTexts(request, tokenizer) });
        return ExitCodes.Done;
    }

    public static int Embed(EmbedTensorsRequest request, ParentLink parent)
    {
        using var model = TrainedModel.Open(request.Model, CPU);
        parent.Send(new ReplicaOutput { Embedded = model.EmbedTensors(request) });
        return ExitCodes.Done;
    }

    public static int Retrieval(RetrievalRequest request, ParentLink parent)
    {
        using var scope = NewDisposeScope();
        var config = ModelFolder.ReadConfig(request.Model);
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, config);
        using var model = ModelFolder.Open(request.Model, CPU);
        var source = new SourceSpec
        {
            Path = request.Data,
            ImageColumn = request.ImageColumn,
            CaptionColumn = request.CaptionColumn,
            Name = request.Source,
        };
        var evaluation = RetrievalEvaluation.Single(source, request.Pairs, config, tokenizer, (long)SpecDefaults.MaxImagePixels);
        parent.Send(new RunRecord { Retrieval = evaluation.Run(model, step: 0, samples: 0) });
        return ExitCodes.Done;
    }

    /// <summary>Loaded before the weights, which may take minutes.</summary>
    public static ClipTokenizer TokenizerOf(string model, string given, ModelFolderConfig config) =>
        ModelTokenizer.Load(model, given, "--tokenizer", config.ModelCfg.TextCfg);
}
