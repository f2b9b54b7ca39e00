using ClipDistributed.Model;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Towers;
using ClipDistributed.TestKit.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.TestKit.Tensors.Models;

/// <summary>A reference model with the reference's weights, and what the reference computed with it.</summary>
public sealed class GoldenModel : IDisposable
{
    private readonly SafetensorsFile golden;

    private GoldenModel(ClipModel model, SafetensorsFile golden) => (Model, this.golden) = (model, golden);

    public static IReadOnlyList<string> Names { get; } =
        ["vit_gelu", "vit_quickgelu", "siglip_plain", "siglip_map", "eva02", "resnet_quickgelu"];

    public ClipModel Model { get; }

    /// <param name="device">Null: the CPU.</param>
    /// <param name="fixtures">Null: those beside the program.</param>
    public static GoldenModel Open(
        string name, Device? device = null, ScalarType computeType = ScalarType.Float32, string? fixtures = null)
    {
        string path = Path.Combine(fixtures ?? Fixtures.File(), "models", name);
        var model = new ClipModel(Golden.Model($"{path}.json"), device ?? CPU, computeType);
        using var weights = SafetensorsFile.Open($"{path}.weights.safetensors");
        Golden.Load(model.Parameters, weights);
        return new GoldenModel(model, SafetensorsFile.Open($"{path}.io.safetensors"));
    }

    /// <summary>One of the reference's numbers, on the CPU.</summary>
    public Tensor this[string name] => golden.Load(name);

    /// <summary>The reference's gradient of a parameter.</summary>
    public Tensor Gradient(string parameter) => golden.Load("grad." + Golden.NameIn(golden, "grad.", parameter));

    /// <summary>Features of the reference's inputs before normalisation, [b, D].</summary>
    public (Tensor Images, Tensor Texts) Embed()
    {
        var device = Model.Parameters.Device;
        int[] ids = golden.Load("input.tokens").data<int>().ToArray();
        return (
            Model.Images.Forward(golden.Load("input.images").to(device)),
            Model.Texts.Forward(TextInput.From(ids, Model.Config.TextCfg, device)));
    }

    public void Dispose()
    {
        golden.Dispose();
        Model.Dispose();
    }
}
