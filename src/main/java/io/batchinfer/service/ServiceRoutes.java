package io.batchinfer.service;

import io.batchinfer.api.MistralCreate;
import io.batchinfer.api.OpenAiCreate;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.storage.FileStore;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.JobAdmission;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/** Every route of the service, and what each needs. */
final class ServiceRoutes {
  private static final int SECRET_BYTES = 32;

  private ServiceRoutes() {}

  /** The routes in the order in which they are looked through. */
  static List<Route> all(
      BodyStreams streams,
      ServiceSettings settings,
      BatchService.Parts parts,
      Patience patience,
      HeapShares heap) {
    BatchRegistry registry = parts.registry();
    RequestBody bodies = new RequestBody(settings.maxBodyBytes(), heap.bodies(), patience.body());
    JobCreation creation =
        new JobCreation(
            registry,
            parts.scheduler(),
            new JobAdmission(registry, parts.deployments(), settings.maxPendingRequests()),
            heap.trees());
    Download download = new Download(registry.store(), streams, parts.metrics());
    byte[] secret = secret(registry);
    List<Route> routes = new ArrayList<>();
    routes.addAll(
        new FileRoutes(
                registry,
                download,
                new OpenAddresses(
                    SignedUrls.ofFiles(secret), settings.publicUrl(), registry::nowMillis),
                settings,
                parts.metrics(),
                patience.upload(),
                heap.uploads())
            .routes());
    routes.add(new CheckRoute(registry).route());
    routes.addAll(
        new ReportRoutes(
                registry,
                streams,
                new OpenAddresses(
                    SignedUrls.ofReports(secret), settings.publicUrl(), registry::nowMillis),
                heap.reports())
            .routes());
    routes.addAll(
        new MistralRoutes(
                registry,
                parts.scheduler(),
                creation,
                new MistralCreate(EndpointPaths.KNOWN),
                bodies,
                new InlineOutputs(registry, streams))
            .routes());
    routes.addAll(
        new OpenAiRoutes(
                registry,
                parts.scheduler(),
                creation,
                new OpenAiCreate(EndpointPaths.KNOWN),
                bodies)
            .routes());
    routes.addAll(
        new OperationsRoutes(registry, parts.scheduler(), parts.metrics(), parts.ready()).routes());
    routes.add(ApiDescription.route());
    routes.addAll(new PageRoutes().routes());
    return routes;
  }

  /** The key of signed addresses, which the store keeps. */
  private static byte[] secret(BatchRegistry registry) {
    FileStore files = registry.store().files();
    String path = registry.store().root() + "/url-signing-key";
    if (files.find(path).isEmpty()) {
      byte[] secret = new byte[SECRET_BYTES];
      new SecureRandom().nextBytes(secret);
      files.replace(path, secret);
    }
    return files.readAll(path);
  }
}
