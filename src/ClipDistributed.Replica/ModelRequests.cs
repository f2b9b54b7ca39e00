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

/// <summary>Requests to a model that is trained.</summary>
internal static class ModelRequests
{
    public static int Classify(ClassifyRequest request, Conversation conversation)
    {
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, ModelFolder.ReadConfig(request.Model));
        using var model = new TrainedModel(request.Model, CPU);
        model.Classify(
            request,
            tokenizer,
            image => conversation.Tell(new ReplicaOutput { Classified = image }),
            line => conversation.Tell(NoticeRecord.Of(0, line)));
        return ExitCodes.Done;
    }

    public static int Embed(EmbedImagesRequest request, Conversation conversation)
    {
        using var model = new TrainedModel(request.Model, CPU);
        var written = model.EmbedImages(request, damage => conversation.Tell(NoticeRecord.Of(0, $"left out: {damage}")));
        conversation.Tell(new ReplicaOutput { Embedded = written });
        return ExitCodes.Done;
    }

    public static int Embed(EmbedTextsRequest request, Conversation conversation)
    {
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, ModelFolder.ReadConfig(request.Model));
        using var model = new TrainedModel(request.Model, CPU);
        conversation.Tell(new ReplicaOutput { Embedded = model.EmbedTexts(request, tokenizer) });
        return ExitCodes.Done;
    }

    public static int Embed(EmbedTensorsRequest request, Conversation conversation)
    {
        using var model = new TrainedModel(request.Model, CPU);
        conversation.Tell(new ReplicaOutput { Embedded = model.EmbedTensors(request) });
        return ExitCodes.Done;
    }

    public static int Retrieval(RetrievalRequest request, Conversation conversation)
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
        conversation.Tell(new RunRecord { Retrieval = evaluation.Run(model, step: 0, samples: 0) });
        return ExitCodes.Done;
    }

    /// <summary>Asked for before the weights are read, which may take minutes.</summary>
    public static ClipTokenizer TokenizerOf(string model, string given, ModelFolderConfig config) =>
        ModelTokenizer.Load(model, given, "--tokenizer", config.ModelCfg.TextCfg);
}
