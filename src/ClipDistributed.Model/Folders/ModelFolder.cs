using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>A model on disk in OpenCLIP's layout: <c>open_clip_config.json</c> and <c>open_clip_model.safetensors</c>.</summary>
public static class ModelFolder
{
    public const string WeightsFileName = "open_clip_model.safetensors";

    public static void Write(string folder, ModelFolderConfig config, ParameterSet parameters)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ModelFolderConfig.FileName), config.ToJson() + "\n");
        SafetensorsFile.Write(Path.Combine(folder, WeightsFileName), parameters.Slots.Select(slot => (slot.Shape.Name, parameters[slot.Shape.Name])));
    }

    /// <exception cref="BadInputException">There is no such folder or file, or it holds a key that is not supported.</exception>
    public static ModelFolderConfig ReadConfig(string folder)
    {
        string path = Path.Combine(folder, ModelFolderConfig.FileName);
        if (!File.Exists(path))
            throw new BadInputException($"{Path.GetFullPath(folder)} is not a model folder: it has no {ModelFolderConfig.FileName}.");
        return ModelFolderConfig.Parse(File.ReadAllText(path), path);
    }

    /// <summary>The model with its weights, ready to embed.</summary>
    /// <exception cref="BadInputException">The folder does not hold this model, named tensor by tensor.</exception>
    public static ClipModel Open(string folder, Device device, ScalarType computeType = ScalarType.Float32)
    {
        var model = new ClipModel(ReadConfig(folder).ModelCfg, device, computeType);
        ReadWeights(folder, model.Parameters);
        return model;
    }

    public static void ReadWeights(string folder, ParameterSet parameters)
    {
        string path = Path.Combine(folder, WeightsFileName);
        using var file = SafetensorsFile.Open(path);
        ReadWeights(file, path, parameters, name => name);
    }

    /// <summary>Copies every parameter out of a file whose names <paramref name="nameInFile"/> gives.</summary>
    public static void ReadWeights(SafetensorsFile file, string path, ParameterSet parameters, Func<string, string> nameInFile)
    {
        var wanted = parameters.Slots.ToDictionary(slot => nameInFile(slot.Shape.Name), slot => slot.Shape);
        var errors = new List<string>();
        foreach (var (name, shape) in wanted)
        {
            if (!file.Entries.TryGetValue(name, out var entry))
                errors.Add($"{path}: tensor '{name}' of shape [{string.Join(", ", shape.Shape)}] is missing.");
            else if (!entry.Shape.SequenceEqual(shape.Shape))
                errors.Add($"{path}: tensor '{name}' has the shape [{string.Join(", ", entry.Shape)}], the model [{string.Join(", ", shape.Shape)}].");
        }
        errors.AddRange(file.Entries.Keys.Where(name => !wanted.ContainsKey(name)).Select(name => $"{path}: tensor '{name}' does not belong to this model."));
        if (errors.Count > 0)
            throw new BadInputException(errors);

        using var gradients = no_grad();
        foreach (var (name, shape) in wanted)
        {
            using var scope = NewDisposeScope();
            parameters[shape.Name].copy_(file.Load(name));
        }
    }
}
