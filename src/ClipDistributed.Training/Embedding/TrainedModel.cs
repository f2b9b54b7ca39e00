using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Model.Folders;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Embedding;

/// <summary>A model from its folder, to classify and embed with.</summary>
public sealed class TrainedModel : IDisposable
{
    private readonly ModelFolderConfig config;
    private readonly ClipModel model;

    private TrainedModel(ModelFolderConfig config, ClipModel model) => (this.config, this.model) = (config, model);

    /// <exception cref="BadInputException">The folder holds no model that can be used.</exception>
    public static TrainedModel Open(string folder, Device device) =>
        new(ModelFolder.ReadConfig(folder), ModelFolder.Open(folder, device));

    private EvaluationTransform Transform => EvaluationTransform.Of(config);

    private int Context => config.ModelCfg.TextCfg.ContextLength;

    /// <summary>softmax(exp(logit_scale)·cosine) over the labels, image by image.</summary>
    /// <param name="report">Receives each image; those after a damaged one too.</param>
    /// <param name="leftOut">Receives a line for each reason why files of a folder are not images.</param>
    /// <exception cref="BadInputException">Lists the files that are not images.</exception>
    public void Classify(ClassifyRequest request, ClipTokenizer tokenizer, Action<ImageClassified> report, Action<string> leftOut)
    {
        using var scope = NewDisposeScope();
        var items = ImageItems.Find(request.Images, "", Transform, (long)SpecDefaults.MaxImagePixels);
        foreach (string line in items.LeftOut)
            leftOut(line);
        int[] prompts = Encode(ZeroshotClassifier.Prompts(request.Labels, request.Templates), tokenizer);
        var classifier = ZeroshotClassifier.Build(model, prompts, Context, request.Labels.Count);
        var damage = new List<string>();
        foreach (var piece in items.Read())
        {
            damage.AddRange(piece.Damage);
            if (piece.Images.Count == 0)
                continue;
            using var inner = NewDisposeScope();
            using var mode = no_grad();
            var features = ClipModel.Normalize(Features.OfImages(model, piece.Images, config.PreprocessCfg));
            var (probabilities, order) = (model.LogitScale.exp() * features.matmul(classifier))
                .to(ScalarType.Float64)
                .softmax(1)
                .sort(1, descending: true);
            double[] sorted = probabilities.cpu().contiguous().data<double>().ToArray();
            long[] labels = order.cpu().contiguous().data<long>().ToArray();
            int count = request.Labels.Count;
            for (int i = 0; i < piece.Ids.Count; i++)
                report(
                    new ImageClassified
                    {
                        Image = piece.Ids[i],
                        Labels = { labels[(i * count)..((i + 1) * count)].Select(label => request.Labels[(int)label]) },
                        Probabilities = { sorted[(i * count)..((i + 1) * count)] },
                    }
                );
        }
        if (damage.Count > 0)
            throw new BadInputException(damage);
    }

    /// <param name="leftOut">Receives a line for each thing that was left out.</param>
    /// <exception cref="BadInputException">Paths that cannot be used, or no image that can be decoded.</exception>
    public EmbeddingsWritten EmbedImages(EmbedImagesRequest request, Action<string> leftOut)
    {
        var items = ImageItems.Find(request.Paths, request.ImageColumn, Transform, (long)SpecDefaults.MaxImagePixels);
        using var file = IFeatureFile.Create(request.Out, "image_features", config.ModelCfg.EmbedDim);
        long count = 0, damaged = 0;
        foreach (string line in items.LeftOut)
            leftOut(line);
        foreach (var piece in items.Read())
        {
            damaged += piece.Damaged;
            foreach (string damage in piece.Damage)
                leftOut(damage);
            if (piece.Images.Count == 0)
                continue;
            using var scope = NewDisposeScope();
            file.Add(piece.Ids, Numbers(Features.OfImages(model, piece.Images, config.PreprocessCfg)));
            count += piece.Ids.Count;
        }
        if (count == 0)
            throw new BadInputException(
                $"--images: none of {Counted.Plain(damaged, "image")} can be decoded, so there is nothing to write."
            );
        file.Complete();
        return new EmbeddingsWritten { Path = request.Out, Images = count, Width = config.ModelCfg.EmbedDim, Damaged = damaged };
    }

    /// <summary>Every line is a text, an empty one too, so that row i of the result is line i.</summary>
    /// <exception cref="BadInputException">There is no such file, or it is empty.</exception>
    public EmbeddingsWritten EmbedTexts(EmbedTextsRequest request, ClipTokenizer tokenizer)
    {
        if (FileKinds.Of(request.Texts) == FileKind.Missing)
            throw new BadInputException($"--texts: there is no file {request.Texts}; expected a file with one text a line.");
        using var file = IFeatureFile.Create(request.Out, "text_features", config.ModelCfg.EmbedDim);
        long count = 0;
        foreach (string[] lines in InputFile.ReadLines(request.Texts, "--texts").Chunk(Features.TextsAtOnce))
        {
            using var scope = NewDisposeScope();
            file.Add(lines, Numbers(Features.OfTexts(model, Encode(lines, tokenizer))));
            count += lines.Length;
        }
        if (count == 0)
            throw new BadInputException($"--texts: {request.Texts} has no lines.");
        file.Complete();
        return new EmbeddingsWritten { Path = request.Out, Texts = count, Width = config.ModelCfg.EmbedDim };
    }

    /// <exception cref="BadInputException">The tensors are not what this model takes; lists all that is wrong.</exception>
    public EmbeddingsWritten EmbedTensors(EmbedTensorsRequest request)
    {
        OutputPath.CheckFile(request.Out, "--out", replaces: false, ".safetensors");
        using var scope = NewDisposeScope();
        var ready = ReadyInput.Read(request.Tensors, config.ModelCfg);
        var features = new List<(string Name, Tensor Value)>();
        if (ready.Images is { } images)
            features.Add(("image_features", InPieces(images, Features.ImagesAtOnce, piece => model.Images.Forward(piece))));
        if (ready.Tokens is { } tokens)
            features.Add(
                (
                    "text_features",
                    InPieces(tokens, Features.TextsAtOnce, piece => Features.OfTexts(model, piece.cpu().contiguous().data<int>().ToArray()))
                )
            );
        string partial = request.Out + ".partial";
        using var pending = PendingOutput.Create(partial, GuardedFile.OpenPartial(partial).Dispose);
        SafetensorsFile.Write(partial, features);
        File.Move(partial, request.Out);
        return new EmbeddingsWritten
        {
            Path = request.Out,
            Images = ready.Images?.shape[0] ?? 0,
            Texts = ready.Tokens?.shape[0] ?? 0,
            Width = config.ModelCfg.EmbedDim,
        };
    }

    public void Dispose() => model.Dispose();

    private Tensor InPieces(Tensor rows, int length, Func<Tensor, Tensor> embed)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var pieces = new List<Tensor>();
        for (long start = 0; start < rows.shape[0]; start += length)
        {
            using var inner = NewDisposeScope();
            var piece = rows.narrow(0, start, Math.Min(length, rows.shape[0] - start)).to(model.Parameters.Device);
            pieces.Add(embed(piece).to(ScalarType.Float32).cpu().MoveToOuterDisposeScope());
        }
        return cat(pieces).MoveToOuterDisposeScope();
    }

    private int[] Encode(IReadOnlyList<string> texts, ClipTokenizer tokenizer)
    {
        int[] ids = new int[texts.Count * Context];
        for (int i = 0; i < texts.Count; i++)
            tokenizer.Encode(texts[i], ids.AsSpan(i * Context, Context));
        return ids;
    }

    private static float[] Numbers(Tensor features) => features.cpu().contiguous().data<float>().ToArray();
}
