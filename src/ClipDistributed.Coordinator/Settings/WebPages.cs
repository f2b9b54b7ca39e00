using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>
/// Pages for browsers, served beside the JSON of the control API by someone else. They call the coordinator through the
/// <see cref="CallInvoker"/> of its services, with a token, and guard themselves: their endpoints need a signed-in user.
/// </summary>
/// <param name="AddServices">What they are made of.</param>
/// <param name="Map">Adds their endpoints and what comes before these.</param>
public sealed record WebPages(Action<IServiceCollection> AddServices, Action<WebApplication> Map);
