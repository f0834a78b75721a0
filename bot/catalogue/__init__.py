"""The catalogue: what projects say of themselves in Backstage's `catalog-info.yaml`, checked and indexed."""
