using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Embedding;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Replica;

/// <summary>Handles the requests to a trained model, which computes on one device.</summary>
internal sealed class ModelRequestHandlers(Device device, ParentLink parent)
{
    /// <returns>The exit code.</returns>
    public int Run(ReplicaRequest request)
    {
        switch (request)
        {
            case ZeroshotRequest zeroshot:
                Zeroshot(zeroshot);
                break;
            case RetrievalRequest retrieval:
                Retrieval(retrieval);
                break;
            case ClassifyRequest classify:
                Classify(classify);
                break;
            case EmbedImagesRequest images:
                Embed(images);
                break;
            case EmbedTextsRequest texts:
                Embed(texts);
                break;
            case EmbedTensorsRequest tensors:
                Embed(tensors);
                break;
            case AnswerRequest answers:
                Answer(answers);
                break;
            default:
                throw new InvalidOperationException($"{request.GetType().Name} cannot be the first request.");
        }
        return ExitCodes.Done;
    }

    private void Zeroshot(ZeroshotRequest request)
    {
        using var scope = NewDisposeScope();
        var config = ModelFolder.ReadConfig(request.Model);
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, config);
        using var model = ModelFolder.Open(request.Model, device);
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
    }

    private void Retrieval(RetrievalRequest request)
    {
        using var scope = NewDisposeScope();
        var config = ModelFolder.ReadConfig(request.Model);
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, config);
        using var model = ModelFolder.Open(request.Model, device);
        var source = new SourceSpec
        {
            Path = request.Data,
            ImageColumn = request.ImageColumn,
            CaptionColumn = request.CaptionColumn,
            Name = request.Source,
        };
        var evaluation = RetrievalEvaluation.Single(source, request.Pairs, config, tokenizer, (long)SpecDefaults.MaxImagePixels);
        parent.Send(new RunRecord { Retrieval = evaluation.Run(model, step: 0, samples: 0) });
    }

    private void Classify(ClassifyRequest request)
    {
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, ModelFolder.ReadConfig(request.Model));
        using var model = TrainedModel.Open(request.Model, device);
        model.Classify(
            request,
            tokenizer,
            image => parent.Send(new ReplicaOutput { Classified = image }),
            line => parent.Send(NoticeRecord.Of(0, line)));
    }

    /// <summary>Until the parent wants no more.</summary>
    private void Answer(AnswerRequest request)
    {
        var config = ModelFolder.ReadConfig(request.Model);
        var tokenizer = TokenizerOf(request.Model, "", config);
        using var model = AskedModel.Open(request, config, tokenizer, device);
        try
        {
            foreach (var question in parent.Questions.GetConsumingEnumerable(parent.Stop))
                parent.Send(new ReplicaOutput { Answered = Answer(model, question) });
        }
        catch (OperationCanceledException)
        {
            // A stop request: there is nothing to save.
        }
    }

    private static QuestionAnswered Answer(AskedModel model, QuestionRequest question)
    {
        try
        {
            return new QuestionAnswered { Question = question.Question, Rankings = { model.Answer(question) } };
        }
        catch (BadInputException wrong)
        {
            return new QuestionAnswered { Question = question.Question, Errors = { wrong.Errors } };
        }
    }

    private void Embed(EmbedImagesRequest request)
    {
        using var model = TrainedModel.Open(request.Model, device);
        var written = model.EmbedImages(request, damage => parent.Send(NoticeRecord.Of(0, $"left out: {damage}")));
        parent.Send(new ReplicaOutput { Embedded = written });
    }

    private void Embed(EmbedTextsRequest request)
    {
        var tokenizer = TokenizerOf(request.Model, request.Tokenizer, ModelFolder.ReadConfig(request.Model));
        using var model = TrainedModel.Open(request.Model, device);
        parent.Send(new ReplicaOutput { Embedded = model.EmbedTexts(request, tokenizer) });
    }

    private void Embed(EmbedTensorsRequest request)
    {
        using var model = TrainedModel.Open(request.Model, device);
        parent.Send(new ReplicaOutput { Embedded = model.EmbedTensors(request) });
    }

    /// <summary>Loaded before the weights, which may take minutes.</summary>
    private static ClipTokenizer TokenizerOf(string model, string given, ModelFolderConfig config) =>
        ModelTokenizer.Load(model, given, "--tokenizer", config.ModelCfg.TextCfg);
}
