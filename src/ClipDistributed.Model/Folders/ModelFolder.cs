using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>
/// A model on disk: OpenCLIP's <c>open_clip_config.json</c> and <c>open_clip_model.safetensors</c>, or Hugging Face's
/// <c>config.json</c> and <c>model.safetensors</c>; the weights of either may be cut into several files with an index.
/// </summary>
public static class ModelFolder
{
    public const string WeightsFileName = "open_clip_model.safetensors";

    /// <summary>Writes OpenCLIP's form.</summary>
    public static void Write(string folder, ModelFolderConfig config, ParameterSet parameters, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder);
        DurableFile.WriteAllText(Path.Combine(folder, ModelFolderConfig.FileName), config.ToJson() + "\n");
        WriteWeights(folder, ModelFolderKind.OpenClip, parameters, cancel);
    }

    /// <summary>Writes Hugging Face's form.</summary>
    /// <exception cref="BadInputException">CLIPModel cannot express this model.</exception>
    public static void WriteHuggingFace(string folder, ModelFolderConfig config, ParameterSet parameters)
    {
        string text = HuggingFaceWriter.Config(config.ModelCfg);
        Directory.CreateDirectory(folder);
        DurableFile.WriteAllText(Path.Combine(folder, HuggingFaceConfig.FileName), text + "\n");
        DurableFile.WriteAllText(Path.Combine(folder, HuggingFaceConfig.PreprocessorFileName), HuggingFaceWriter.Preprocessor(config) + "\n");
        WriteWeights(folder, ModelFolderKind.HuggingFace, parameters);
    }

    /// <exception cref="BadInputException">There is no such folder or file, or it holds a key that is not supported.</exception>
    public static ModelFolderConfig ReadConfig(string folder) => ModelFolderKind.Of(folder).ReadConfig(folder);

    /// <summary>The model with its weights, ready to embed.</summary>
    /// <exception cref="BadInputException">The folder does not hold this model, named tensor by tensor.</exception>
    public static ClipModel Open(string folder, Device device, ScalarType computeType = ScalarType.Float32)
    {
        var model = new ClipModel(ReadConfig(folder).ModelCfg, device, computeType);
        try
        {
            ReadWeights(folder, model.Parameters);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Fills parameters and running statistics.</summary>
    /// <exception cref="BadInputException">The folder does not hold this model, named tensor by tensor; nothing was changed.</exception>
    public static void ReadWeights(string folder, ParameterSet parameters) =>
        WeightReading.Run(folder, ModelFolderKind.Of(folder), parameters, positions: null);

    private static void WriteWeights(string folder, ModelFolderKind kind, ParameterSet parameters, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(Path.Combine(folder, kind.Weights), StoredTensor.Of(parameters, kind).SelectMany(stored => stored.Pieces()).Concat(StoredTensor.Counters(parameters)), cancel: cancel);
    }
}
