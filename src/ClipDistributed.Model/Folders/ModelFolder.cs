using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>
/// A model on disk, as <see cref="ModelSource"/> finds it. Written are OpenCLIP's <c>open_clip_config.json</c> and
/// <c>open_clip_model.safetensors</c>, or Hugging Face's <c>config.json</c> and <c>model.safetensors</c>.
/// </summary>
public static class ModelFolder
{
    public const string WeightsFileName = "open_clip_model.safetensors";

    /// <summary>Writes OpenCLIP's form.</summary>
    public static void Write(string folder, ModelFolderConfig config, ParameterSet parameters, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder);
        DurableFile.WriteAllText(Path.Combine(folder, ModelFolderConfig.FileName), config.ToJson() + "\n");
        WriteWeights(folder, ModelFolderKind.OpenClip, config.ModelCfg, parameters, cancel);
    }

    /// <summary>Writes Hugging Face's form.</summary>
    /// <exception cref="BadInputException">CLIPModel cannot express this model.</exception>
    public static void WriteHuggingFace(string folder, ModelFolderConfig config, ParameterSet parameters)
    {
        string text = HuggingFaceWriter.Config(config);
        Directory.CreateDirectory(folder);
        DurableFile.WriteAllText(Path.Combine(folder, HuggingFaceConfig.FileName), text + "\n");
        DurableFile.WriteAllText(
            Path.Combine(folder, HuggingFaceConfig.PreprocessorFileName), HuggingFaceWriter.Preprocessor(config) + "\n");
        WriteWeights(folder, ModelFolderKind.HuggingFace, config.ModelCfg, parameters);
    }

    /// <param name="path">A folder, or a file of weights, see <see cref="ModelSource"/>.</param>
    /// <exception cref="BadInputException">There is no such folder or file, or it holds a key that is not supported.</exception>
    public static ModelFolderConfig ReadConfig(string path) => ModelSource.Find(path).ReadConfig();

    /// <summary>The model with its weights, ready to embed; positions of another image size or context are resized.</summary>
    /// <param name="path">As of <see cref="ReadConfig"/>.</param>
    /// <exception cref="BadInputException">There is no model, named tensor by tensor.</exception>
    public static ClipModel Open(string path, Device device, ScalarType computeType = ScalarType.Float32)
    {
        var source = ModelSource.Find(path);
        source.CheckRecorded();
        var config = source.ReadConfig().ModelCfg;
        // As OpenCLIP; transformers refuses them.
        using var reading = WeightReading.Open(source.FindWeights(), config, resizes: source.Kind != ModelFolderKind.HuggingFace);
        var model = new ClipModel(config, device, computeType);
        try
        {
            reading.Fill(model.Parameters);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Fills parameters and running statistics.</summary>
    /// <exception cref="BadInputException">
    /// The folder does not hold this very model, named tensor by tensor; nothing was changed.
    /// </exception>
    public static void ReadWeights(string folder, ClipModel model)
    {
        using var reading = WeightReading.Open(ModelSource.Find(folder).FindWeights(), model.Config, resizes: false);
        reading.Fill(model.Parameters);
    }

    private static void WriteWeights(
        string folder, ModelFolderKind kind, ModelConfig model, ParameterSet parameters, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        var tensors = StoredTensor.Of(ModelDeclaration.Of(model), kind).SelectMany(stored => stored.Pieces(parameters))
            .Concat(StoredTensor.Counters(parameters));
        SafetensorsFile.Write(Path.Combine(folder, kind.Weights[0]), tensors, cancel: cancel);
    }
}
