using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>From the features of timm's model to the shared space (OpenCLIP timm_model.py): its own head, a matrix after it, or
/// nothing.</summary>
internal sealed class TimmHead
{
    private readonly Linear? projection;

    /// <param name="scope">Of the whole tower.</param>
    /// <param name="own">How the matrix of timm's own head is drawn.</param>
    public TimmHead(TowerScope scope, ModelConfig model, TimmTransformerForm form, Initial own)
    {
        projection = form.Projection switch
        {
            TimmTransformerForm.OwnHead => scope.Linear("trunk.head.", form.Width, model.EmbedDim, own, Initial.Zero),
            TimmTransformerForm.LinearHead => scope.Linear(
                "head.proj.", form.Width, model.EmbedDim, Initial.FanIn(form.Width),
                model.VisionCfg.TimmProjBias ? Initial.FanIn(form.Width) : null),
            _ => null,
        };
    }

    /// <summary>Multiplications for one image.</summary>
    public long Products => projection?.Weight.Count ?? 0;

    public Tensor Run(TowerPass pass, Tensor x) => projection is null ? x : projection.Run(pass, x);
}
